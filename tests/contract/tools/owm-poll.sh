# What the contract suite needs to know of owm-poll.
args=(--once --city Athens)
servers=(owm)
