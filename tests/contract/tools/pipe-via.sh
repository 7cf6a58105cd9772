# What the contract suite needs to know of pipe-via.
args=(--quiet)
stages=('csv-tail in.csv' 'pipe-via -- sed -u s/light/heavy/' 'csv-append out.csv')
