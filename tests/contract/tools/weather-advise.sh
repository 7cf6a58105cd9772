# What the contract suite needs to know of weather-advise.
passes=yes
