# What the contract suite has to know of pipe-spool.
kind=plumbing
args=(spooled)
