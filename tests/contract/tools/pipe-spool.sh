# What the contract suite needs to know of pipe-spool.
args=(spooled)
