# What the contract suite needs to know of owm-poll.
args=(--once --city Athens)
servers=('owm --dt $(($(date +%s) / 86400 * 86400))') # its clock stands still
state_args=(--once --provider open-meteo --past 20d --city Athens --city Oslo --city Rome)
# All of its options may change.
may_change=(--timeout 20s --retries 2)
unordered=yes
# The first hours asked for depend on the clock; these do not.
output() { awk -F, -v since="$(date -u -d '18 days ago' +%F)" '$1 >= since' out.csv; }
