# What the contract suite has to know of win-agg.
kind=filter
passes=yes
