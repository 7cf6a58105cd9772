# What the contract suite has to know of thresh-alert.
kind=filter
passes=yes
