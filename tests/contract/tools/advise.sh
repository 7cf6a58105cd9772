# What the contract suite has to know of advise.
kind=filter
passes=yes
