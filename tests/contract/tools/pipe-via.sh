# What the contract suite has to know of pipe-via.
kind=plumbing
args=(--quiet)
