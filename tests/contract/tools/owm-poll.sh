# What the contract suite needs to know of owm-poll.
args=(--once --city Athens)
servers=('owm --dt $(($(date +%s) / 86400 * 86400))') # its clock stands still
state_args=(--once --provider open-meteo --past 20d --city Athens --city Oslo --city Rome)
# All of its options may change.
may_change=(--timeout 20s --retries 2)
unordered=yes
# The first and the last hours asked for depend on the clock, which goes on between two runs; these do not.
export CONTRACT_DAYS=${CONTRACT_DAYS:-$(date -u -d '18 days ago' +%F) $(date -u +%F)}
output() { awk -F, -v days="$CONTRACT_DAYS" 'BEGIN { split(days, day, " ") } $1 >= day[1] && $1 < day[2]' out.csv; }
