# What the contract suite needs to know of csv-append.
args=(appended.csv)
passes=yes
other=(--delimiter ';' appended.csv)
output() { cat appended.csv; }
