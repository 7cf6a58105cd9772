# What the contract suite needs to know of weather-advise.
passes=yes
other=(--max-gap 5h)
