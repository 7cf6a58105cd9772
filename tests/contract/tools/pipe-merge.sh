# What the contract suite needs to know of pipe-merge.
args=(readings.ndjson)
stages=('env WEIR_STATE=state/in csv-tail in.csv' 'pipe-merge -' 'csv-append out.csv')
strange=('pipe-merge -')
passes=yes
