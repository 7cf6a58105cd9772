# What the contract suite has to know of pipe-run.
kind=plumbing
args=('csv-tail readings.csv | cat')
