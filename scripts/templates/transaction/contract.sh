# What the contract suite needs to know of @NAME@.
args=(--store stored)
other=(--store stored --prefix '# ')
output() { tail -n +2 stored; }
