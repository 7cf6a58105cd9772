# What the contract suite needs to know of thresh-alert.
args=(--annotate --by city --rule 'temperature_c > 5 for 2h clear <= 4 for 1h' --rule 'cold: temperature_c < 0 keep 2h cooldown 6h')
passes=yes
other=(--annotate --by weather --rule 'temperature_c > 5 clear <= 4')
