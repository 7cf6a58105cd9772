# What the contract suite has to know of owm-poll.
kind=filter
passes=yes
