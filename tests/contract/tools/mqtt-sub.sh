# What the contract suite needs to know of mqtt-sub.
args=(-t contract/records)
servers=(mosquitto)
