# What the contract suite has to know of thresh-alert.
kind=filter
args=(--annotate --by city --rule 'temperature_c > 5 clear <= 4')
passes=yes
