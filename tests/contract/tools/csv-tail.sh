# What the contract suite has to know of csv-tail.
kind=source
args=(readings.csv)
