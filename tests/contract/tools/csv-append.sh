# What the contract suite needs to know of csv-append.
args=(appended.csv)
passes=yes
other=(--delimiter ';' appended.csv)
output() { cat appended.csv; }
# A record is a row, which may have several lines.
records() { /usr/bin/python3 -c 'import csv; csv.field_size_limit(1 << 30); print(sum(1 for _ in csv.reader(open("appended.csv", newline=""))) - 1)'; }
