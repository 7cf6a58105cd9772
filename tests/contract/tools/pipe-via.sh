# What the contract suite needs to know of pipe-via.
args=(--quiet)
stages=('csv-tail in.csv' 'pipe-via -- sed -u s/light/heavy/' 'csv-append out.csv')
strange=('pipe-via -- jq -c .' 'pipe-via --keep -- jq -c --unbuffered .'
  "pipe-via -- awk '/weir_epoch|DROP TABLE/ {exit 7} {print; fflush()}'")
passes=yes
