# What the contract suite has to know of pg-load.
kind=filter
passes=yes
