# What the contract suite needs to know of summary-mail.
args=(--subscribers subscribers.csv)
servers=(smtp)
