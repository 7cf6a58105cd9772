# What the contract suite has to know of win-calc.
kind=filter
args=(--time timestamp --wide --by city --calc 'feels = temperature_c - wind_speed')
