# What the contract suite has to know of weather-advise.
kind=filter
passes=yes
