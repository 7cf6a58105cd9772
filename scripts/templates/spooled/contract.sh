# What the contract suite needs to know of @NAME@.
args=(--from readings.ndjson)
state_args=(--from received.ndjson)
other=(--from in.csv)
prepare() { csv-tail in.csv >received.ndjson; }
