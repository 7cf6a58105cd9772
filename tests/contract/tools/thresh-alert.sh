# What the contract suite needs to know of thresh-alert.
args=(--annotate --by city --rule 'temperature_c > 5 clear <= 4')
passes=yes
other=(--annotate --by weather --rule 'temperature_c > 5 clear <= 4')
