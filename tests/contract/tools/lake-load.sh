# What the contract suite needs to know of lake-load. The table is read by pyarrow, from the files that Delta's log names.
args=(lake)
passes=yes
state_args=(lake --delta --partition 'city={city}' --roll-rows 20)
other=(lake --delta --partition 'city={city}' --roll-rows 21)
unordered=yes
prepare() { rm -rf lake; }
output() { "$(python_with "$(cat "$WEIR_SOURCE/cmake/pyarrow.txt")")" "$WEIR_SOURCE/tests/support/lake-rows" lake; }
