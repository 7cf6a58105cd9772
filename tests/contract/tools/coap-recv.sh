# What the contract suite needs to know of coap-recv. It reports its address, so -q. A sender in the background repeats each message
# until it is acknowledged; its port is the same in all runs of one test.
args=(--listen 127.0.0.1:0 -q)
export CONTRACT_PORT=${CONTRACT_PORT:-$(free_port)}
state_args=(--listen "127.0.0.1:$CONTRACT_PORT" --count 3000)
other=(--listen "127.0.0.1:$CONTRACT_PORT" --count 3000 --stamp received)
may_change=(--remember 20000)
strange=("coap-recv --listen 127.0.0.1:$CONTRACT_PORT --from ndjson --max-body 4M -q")
strange_as=puts
prepare() {
  case $PWD in */strange-*) return ;; esac # which sends its own
  [ ! -e ../sender ] || kill "$(cat ../sender)" 2>/dev/null || :
  setsid timeout 600 "$WEIR_SOURCE/tests/support/coap-sender" "$CONTRACT_PORT" in.csv </dev/null >/dev/null 2>../sender.log &
  echo $! >../sender
}
