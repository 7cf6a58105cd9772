# What the contract suite needs to know of win-calc.
args=(--time timestamp --wide --by city --calc 'feels = temperature_c - wind_speed')
other=(--time timestamp --wide --by city --calc 'feels = temperature_c - humidity')
