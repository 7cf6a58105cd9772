# What the contract suite needs to know of csv-tail.
args=(readings.csv)
