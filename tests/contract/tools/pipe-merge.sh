# What the contract suite needs to know of pipe-merge.
args=(readings.ndjson)
