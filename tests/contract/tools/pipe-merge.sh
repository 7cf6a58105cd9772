# What the contract suite needs to know of pipe-merge.
args=(readings.ndjson)
stages=('env WEIR_STATE=state/in csv-tail in.csv' 'pipe-merge -' 'csv-append out.csv')
strange=('pipe-merge -')
passes=yes
# Asked to stop, it ends before its inputs, whose last epoch is then open: pipelines/pipe-merge stops them in order.
faults=no
