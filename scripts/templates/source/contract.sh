# What the contract suite needs to know of @NAME@.
args=(--count 3000)
other=(--count 2000)
