# What the contract suite needs to know of rec-enrich.
args=(--table "${WEIR_SOURCE}/tests/contract/cities.csv" --on city --take 'country,height_m' --miss null --set 'pipeline_version="1.4"')
passes=yes
other=(--table "${WEIR_SOURCE}/tests/contract/cities.csv" --on city --take country)
