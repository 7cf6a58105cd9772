# What the contract suite has to know of csv-append.
kind=filter
passes=yes
