# What the contract suite needs to know of win-agg.
args=(--every 1h --by city --agg 'avg(temperature_c) as mean, max(temperature_c) as hottest, count() as n')
other=(--every 2h --by city --agg 'avg(temperature_c) as mean, max(temperature_c) as hottest, count() as n')
