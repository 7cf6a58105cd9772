# What the contract suite has to know of dash-serve: with --pass it is a filter; -q because it tells its address.
kind=filter
args=(--pass --exit-on-eof --listen 127.0.0.1:0 -q)
passes=yes
