# What the contract suite has to know of pipe-merge.
kind=plumbing
args=(readings.ndjson)
