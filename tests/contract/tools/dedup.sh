# What the contract suite has to know of dedup.
kind=filter
args=(--by city,timestamp --within 10m)
passes=yes
