# What the contract suite needs to know of @NAME@.
args=(--to written)
other=(--to elsewhere)
ids=yes
output() { cat written; }
