# What the contract suite has to know of polyfit-predict.
kind=filter
args=(--field temperature_c,humidity --last 20 --live)
