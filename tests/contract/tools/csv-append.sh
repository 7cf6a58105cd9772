# What the contract suite needs to know of csv-append.
args=(appended.csv)
other=(--delimiter ';' appended.csv)
output() { cat appended.csv; }
