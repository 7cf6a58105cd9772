# What the contract suite needs to know of sensor-sim.
args=(--weather --count 40)
state_args=(--weather --cities 3 --count 3000 --seed 4)
other=(--weather --cities 3 --count 3000 --seed 5)
