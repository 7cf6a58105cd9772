# What the contract suite needs to know of sensor-sim.
args=(--weather --count 40)
