# What the contract suite has to know of mqtt-sub.
kind=source
args=(-t contract/records)
parts=(mqtt)
