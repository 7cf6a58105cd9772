# What the contract suite needs to know of cep-match.
args=(--by city --pattern 'one then (warmer{1,2} | drier{1,2}?) then not storm within 20m gap 1h' --define 'one: true'
  --define 'warmer: temperature_c > one.temperature_c' --define 'drier: humidity < prev(humidity)' --define 'storm: wind_speed > 12'
  --measure 'n = count(warmer)' --measure 'mean = avg(warmer.temperature_c)' --measure 'last = classifier()' --timeouts)
state_args=("${args[@]}" --lateness 2h)
other=(--by city --pattern 'cool then warmer+ within 6h' --define 'cool: temperature_c < 20' --define 'warmer: temperature_c > 25')
may_change=(--max-threads 500)
