# What the contract suite has to know of csv-tail.
kind=filter
passes=yes
