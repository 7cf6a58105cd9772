# What the contract suite needs to know of edge-filter.
args=(--by city --value temperature_c --smooth lowpass:3:0.2 --swing 0.5)
other=(--by city --value temperature_c --smooth lowpass:3:0.2 --swing 0.6)
