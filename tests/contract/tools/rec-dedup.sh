# What the contract suite has to know of rec-dedup.
kind=filter
args=(--by city,timestamp --within 10m)
passes=yes
