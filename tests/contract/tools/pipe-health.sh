# What the contract suite needs to know of pipe-health.
args=(--check state:.)
