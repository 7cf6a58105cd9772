# What the contract suite has to know of csv-append.
kind=sink
args=(appended.csv)
