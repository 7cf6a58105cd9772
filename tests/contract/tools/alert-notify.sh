# What the contract suite needs to know of alert-notify.
args=(--program "sh -c 'cat >>written'")
state_args=(--program "sh -c 'cat >>written'" --group-by city --wait 20m --cooldown 5m)
strange=(
  "alert-notify --program \"sh -c 'cat >>written'\""
  "alert-notify --group-by city --wait 1h --cooldown 2h --mqtt 'alerts/{city}/{mark}' --mail ops@example.org --program \"sh -c 'cat >>written'\""
)
servers=(smtp mosquitto)
other=(--program "sh -c 'cat >>written'" --by weather)
may_change=(--max-pending 500 --max-held 1M)
ids=yes
prepare() { rm -f written; }
output() { jq -r '"\(.id)\t\(del(.id, .dedup_key) | tojson)"' written; }
