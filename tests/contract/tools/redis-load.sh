# What the contract suite needs to know of redis-load.
args=(--lpush contract:records)
passes=yes
servers=(redis)
state_args=(--lpush contract:state --stats contract:stats humidity)
other=(--lpush contract:others)
may_change=(--batch 500)
strange=('redis-load --lpush contract:state') # records in, records out
unordered=yes
prepare() { ask_redis flushdb >prepared; }
# The records, and the statistics of a field: they tell whether each was counted once.
output() {
  ask_redis --raw lrange contract:state 0 -1
  [ "$(ask_redis exists contract:stats)" = 0 ] || ask_redis --raw hmget contract:stats count mean m2 std
}
