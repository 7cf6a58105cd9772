# What the contract suite needs to know of http-recv. It reports its address, so -q.
args=(--listen 127.0.0.1:0 -q)
