# What the contract suite needs to know of @NAME@.
args=(--store stored)
output() { tail -n +2 stored; }
