# What the contract suite needs to know of pg-load.
args=(--table contract_records --create)
passes=yes
servers=(postgres)
state_args=(--table contract_state --create)
other=(--table contract_other --create)
unordered=yes
prepare() { psql -Xq -c 'SET client_min_messages = error' -c 'DROP TABLE IF EXISTS contract_state, weir_epoch'; }
output() { psql -Xq -c 'COPY contract_state TO STDOUT'; }
