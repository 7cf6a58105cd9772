# What the contract suite has to know of win-agg.
kind=filter
args=(--every 1h --by city --agg 'avg(temperature_c) as mean, max(temperature_c) as hottest, count() as n')
