# What the contract suite needs to know of pipe-run.
args=('csv-tail readings.csv | cat')
