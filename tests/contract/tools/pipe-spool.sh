# What the contract suite needs to know of pipe-spool.
args=(spooled)
passes=yes
stages=('csv-tail in.csv' 'pipe-spool spool')
output() { pipe-spool --read all spool; }
prepare() { rm -rf spool; }
strange=('pipe-spool spool')
