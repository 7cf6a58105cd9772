# What the contract suite needs to know of pipe-via.
args=(--quiet)
