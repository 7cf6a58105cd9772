# What the contract suite needs to know of http-recv. It reports its address, so -q. A sender in the background sends each request until
# it is answered; its port is the same in all runs of one test.
args=(--listen 127.0.0.1:0 -q)
export CONTRACT_PORT=${CONTRACT_PORT:-$(free_port)}
state_args=(--listen "127.0.0.1:$CONTRACT_PORT" --count 3000)
other=(--listen "127.0.0.1:$CONTRACT_PORT" --count 3000 --stamp received)
may_change=(--remember 20000)
strange=("http-recv --listen 127.0.0.1:$CONTRACT_PORT -q")
strange_as=posts
prepare() {
  case $PWD in */strange-*) return ;; esac # which sends its own
  [ ! -e ../sender ] || kill "$(cat ../sender)" 2>/dev/null || :
  setsid timeout 600 "$WEIR_SOURCE/tests/support/http-sender" "$CONTRACT_PORT" in.csv </dev/null >/dev/null 2>../sender.log &
  echo $! >../sender
}
