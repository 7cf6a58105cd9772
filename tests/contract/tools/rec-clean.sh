# What the contract suite needs to know of rec-clean.
args=(--range temperature_c=-90..60 --set 'warm=temperature_c > 20')
other=(--range temperature_c=-90..50)
