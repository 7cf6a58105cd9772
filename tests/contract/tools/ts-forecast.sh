# What the contract suite needs to know of ts-forecast.
args=(--field temperature_c,humidity --step reading --last 60 --ahead 3 --every 5m --refit 20m --season 6 --pass)
other=(--field temperature_c,humidity --step reading --last 50 --ahead 3 --every 5m --refit 20m --season 6 --pass)
