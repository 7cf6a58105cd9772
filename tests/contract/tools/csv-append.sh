# What the contract suite needs to know of csv-append.
args=(appended.csv)
