# What the contract suite needs to know of csv-tail.
args=(readings.csv)
state_args=(in.csv)
other=(--delimiter ';' in.csv)
strange=('csv-tail --text cell strange.csv')
strange_as=cells
