# What the contract suite needs to know of win-delta.
args=(--by city --field temperature_c --time timestamp)
other=(--by weather --field temperature_c --time timestamp)
