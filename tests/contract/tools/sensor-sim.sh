# What the contract suite has to know of sensor-sim.
kind=source
args=(--weather --count 40)
