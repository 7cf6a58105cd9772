# What the contract suite has to know of sensor-sim.
kind=filter
passes=yes
