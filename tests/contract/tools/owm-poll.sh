# What the contract suite has to know of owm-poll.
kind=source
args=(--once --city Athens)
parts=(owm)
