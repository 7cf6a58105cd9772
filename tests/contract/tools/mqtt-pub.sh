# What the contract suite needs to know of mqtt-pub.
args=(-t contract/records)
servers=(mosquitto)
