# What the contract suite has to know of pg-load.
kind=sink
args=(--table contract_records --create)
parts=(pg)
