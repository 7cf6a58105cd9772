# What the contract suite has to know of mqtt-pub.
kind=sink
args=(-t contract/records)
parts=(mqtt)
