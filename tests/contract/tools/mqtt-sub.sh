# What the contract suite has to know of mqtt-sub.
kind=filter
passes=yes
