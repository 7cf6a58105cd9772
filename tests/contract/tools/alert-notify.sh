# What the contract suite needs to know of alert-notify.
# A file for each message: a program dies with alert-notify, and SIGKILL can cut a line that is appended where a page of the file ends.
keep="sh -c 'd=\$(date +%s%N); cat >part.\$d && mv part.\$d message.\$d'"
args=(--program "$keep")
state_args=(--program "$keep" --group-by city --wait 20m --cooldown 5m)
strange=(
  "alert-notify --program \"sh -c 'cat >>message.all'\""
  "alert-notify --group-by city --wait 1h --cooldown 2h --mqtt 'alerts/{city}/{mark}' --mail ops@example.org --program \"sh -c 'cat >>message.all'\""
)
servers=(smtp mosquitto)
other=(--program "$keep" --by weather)
may_change=(--max-pending 500 --max-held 1M)
ids=yes
prepare() { rm -f message.* part.*; }
output() { find . -maxdepth 1 -name 'message.*' | sort | xargs -r cat | jq -r '"\(.id)\t\(del(.id, .dedup_key) | tojson)"'; }
