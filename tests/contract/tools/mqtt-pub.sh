# What the contract suite has to know of mqtt-pub.
kind=filter
passes=yes
