# What the contract suite needs to know of dash-serve. It reports its address, so -q.
args=(--exit-on-eof --listen 127.0.0.1:0 -q)
passes_with=--pass
strange=('dash-serve --by city --listen 127.0.0.1:0 --rejects rejects')
strange_as=page
