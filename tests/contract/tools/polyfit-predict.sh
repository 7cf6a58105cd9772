# What the contract suite needs to know of polyfit-predict.
args=(--field temperature_c,humidity --last 20 --live)
other=(--field temperature_c,humidity --last 30 --live)
