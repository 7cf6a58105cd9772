# What the contract suite needs to know of rec-clean.
args=(--range temperature_c=-90..60 --set 'warm=temperature_c > 20' --by city
  --qc 'temperature_c: range -40..50 suspect 0..30; spike 2 9; rate 1/1h 5/1h; flat 3h 6h within 0.5; gap 5h' --qc 'humidity: spike 20')
other=(--range temperature_c=-90..50)
