# What the contract suite needs to know of influx-load.
args=(--db weather --measurement readings --tags city,weather --fields humidity,pressure)
passes=yes
servers=(influx)
state_args=(--db weather --measurement contract --tags city,mark --fields humidity:float,pressure:float,wind_speed:float)
other=(--db weather --measurement others --tags city --fields humidity:float)
may_change=(--batch 500)
unordered=yes
prepare() { ask_influx 'drop series from contract' weather >prepared; }
output() { ask_influx 'select city, mark, humidity, pressure, wind_speed from contract' weather | jq -c '.results[0].series[0].values[]?'; }
