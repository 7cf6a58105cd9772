# What the contract suite needs to know of rec-dedup.
args=(--by city,timestamp --within 10m)
passes=yes
other=(--by city --within 10m)
