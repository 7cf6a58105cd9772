# What the contract suite has to know of summary-mail.
kind=sink
args=(--subscribers subscribers.csv)
parts=(smtp)
