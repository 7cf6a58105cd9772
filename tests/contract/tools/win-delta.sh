# What the contract suite has to know of win-delta.
kind=filter
args=(--by city --field temperature_c --time timestamp)
