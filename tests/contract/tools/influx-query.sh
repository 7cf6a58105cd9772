# What the contract suite needs to know of influx-query.
args=(--db weather --influxql 'show databases')
servers=(influx)
state_args=(--db weather --measurement contract --since 2026-01-01T00:00:00Z --every 100ms --settle 0s --count 3000)
other=(--db weather --measurement others --since 2026-01-01T00:00:00Z --every 100ms --settle 0s --count 3000)
may_change=(--lateness 5m)
prepare() {
  ask_influx 'drop series from contract' weather >prepared
  csv-tail in.csv | influx-load --db weather --measurement contract --tags city,mark --fields humidity,pressure,wind_speed,weather
}
unordered=yes # rows of one time come in any order
