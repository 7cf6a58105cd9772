# What the contract suite needs to know of pg-load.
args=(--table contract_records --create)
servers=(postgres)
