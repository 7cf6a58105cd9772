# What the contract suite needs to know of anomaly-score.
args=(--by city --field temperature_c,humidity --method ensemble --min-samples 4 --no-learn-above 0.8)
other=(--by weather --field temperature_c --method ensemble --min-samples 4)
