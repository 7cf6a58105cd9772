#!/usr/bin/env bash
# labels: mqtt faults
# tools: mqtt-pub mqtt-sub sensor-sim
# timeout: 300
# The broker goes away and comes back several times while records stream through it: QoS 1 with a durable subscriber loses nothing;
# a broker that is not there yet is waited for; a subscriber that was away gets what came meanwhile; SIGTERM ends all promptly.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_mosquitto "persistence true" "persistence_location $PARTS/mosquitto/" "autosave_interval 1800"
fail() { echo "FAILED: $*" >&2; exit 1; }
lines_in() { [ "$(wc -l <"$1")" -ge "$2" ]; }

# numbers FROM TO: records that tell themselves apart.
numbers() { seq -f '{"n":%.0f,"text":"a record of some length, so that buffers matter too"}' "$1" "$2"; }

stream() { # stream QOS PROTOCOL
  local qos=$1 protocol=$2 topic=stream/$1/$2 total=40000 restarts=4
  : >got.ndjson
  "$WEIR_BIN/mqtt-sub" -t "$topic" --qos "$qos" --protocol "$protocol" --durable --client-id "reader-$qos-$protocol" >got.ndjson 2>sub.err &
  local subscriber=$!
  # It listens when a first message has come through.
  until [ -s got.ndjson ]; do numbers 0 0 | "$WEIR_BIN/mqtt-pub" -t "$topic" --qos "$qos"; sleep 0.1; done
  mkfifo in
  "$WEIR_BIN/mqtt-pub" -t "$topic" --qos "$qos" --protocol "$protocol" <in 2>pub.err &
  local publisher=$! i
  exec 7>in
  for ((i = 0; i < restarts; i++)); do
    numbers $((i * total / restarts + 1)) $(((i + 1) * total / restarts)) >&7 &
    local writer=$!
    wait_until 60 lines_in got.ndjson $((i * total / restarts + 2000))
    restart_mosquitto 7>&-  # or it would hold the pipe open
    wait $writer
  done
  exec 7>&-
  wait $publisher || fail "mqtt-pub ended with $?: $(cat pub.err)"
  all_there() { [ "$(sort -u got.ndjson | wc -l)" -eq $((total + 1)) ]; }
  wait_until 60 all_there || fail "QoS $qos, MQTT $protocol: $(sort -u got.ndjson | wc -l) of $((total + 1)) arrived"
  kill -TERM $subscriber
  wait $subscriber || fail "mqtt-sub ended with $?: $(cat sub.err)"
  local lost
  lost=$(grep -c 'lost the connection' pub.err || true)
  [ "$lost" -ge 1 ] || fail "the publisher never lost its connection: nothing was shown"
  echo "QoS $qos, MQTT $protocol: $restarts restarts of the broker ($lost met the publisher), $total records, none lost, $(($(wc -l <got.ndjson) - total - 1)) came twice"
  rm -f in
}

stream 1 3.1.1
stream 1 5

# Away: the broker keeps what comes, through a restart of its own too.
"$WEIR_BIN/mqtt-sub" -t away --durable --client-id away >first.ndjson &
subscriber=$!
until [ -s first.ndjson ]; do numbers 0 0 | "$WEIR_BIN/mqtt-pub" -t away; sleep 0.1; done
# More than one 0 may be on its way: behind the 1 none is, and the broker keeps none of them.
numbers 1 1 | "$WEIR_BIN/mqtt-pub" -t away
wait_until 20 grep -q '"n":1,' first.ndjson
kill -TERM $subscriber
wait $subscriber
numbers 1 5000 | "$WEIR_BIN/mqtt-pub" -t away
restart_mosquitto
before=$(wc -l <first.ndjson)
"$WEIR_BIN/mqtt-sub" -t away --durable --client-id away --count 5000 | grep -v '"n":0,' >second.ndjson
cmp <(numbers 1 5000 | head -n "$(wc -l <second.ndjson)") second.ndjson || fail "what came while the subscriber was away is not in order"
[ "$(wc -l <second.ndjson)" -ge 4990 ] || fail "only $(wc -l <second.ndjson) came back"
echo "away: $(wc -l <second.ndjson) records kept for a durable subscriber (it had $before before), in order"
# --count must have acknowledged exactly what it wrote: the rest is still there for the next.
numbers 6001 6010 | "$WEIR_BIN/mqtt-pub" -t away
"$WEIR_BIN/mqtt-sub" -t away --durable --client-id away --count 4 >third.ndjson
"$WEIR_BIN/mqtt-sub" -t away --durable --client-id away --count 6 >>third.ndjson
tail -n 6 third.ndjson | cmp - <(numbers 6005 6010) || fail "--count lost or doubled messages: $(cat third.ndjson)"
echo "--count: acknowledged is what was written, the rest comes to the next"

# Two clients of one id throw each other out: the message asks for the cause, and is not repeated at every turn.
for protocol in 3.1.1 5; do
  rm -f one.err two.err  # a started program truncates its file later than the first look at it
  "$WEIR_BIN/mqtt-sub" -t twins --protocol $protocol --client-id twin 2>one.err &
  one=$!
  "$WEIR_BIN/mqtt-sub" -t twins --protocol $protocol --client-id twin 2>two.err &
  two=$!
  named() { grep -q "the client id 'twin'" one.err two.err 2>/dev/null; }
  wait_until 30 named || fail "MQTT $protocol: no message names the client id: $(cat one.err two.err)"
  kill -TERM $one $two
  wait $one $two || fail "MQTT $protocol: one of two clients with one id ended with $?"
  echo "MQTT $protocol: $(grep -h "the client id 'twin'" one.err two.err | head -1)"
done

# Not there yet: the pipe waits.
kill "$PARTS_MOSQUITTO"
wait "$PARTS_MOSQUITTO" 2>/dev/null || true
numbers 1 100 | "$WEIR_BIN/mqtt-pub" -t late/data 2>late.err &
publisher=$!
wait_until 10 grep -q 'trying again' late.err
run_mosquitto
wait $publisher || fail "mqtt-pub ended with $? although the broker came"
grep -q 'connected to' late.err || fail "nothing says that it is connected: $(cat late.err)"
echo "late: $(head -1 late.err)"
kill "$PARTS_MOSQUITTO"
wait "$PARTS_MOSQUITTO" 2>/dev/null || true
status=0
numbers 1 1 | "$WEIR_BIN/mqtt-pub" -t late/data --retry-for 300ms 2>late.err || status=$?
[ $status -eq 1 ] || fail "--retry-for ended with $status"
grep -q 'gave up' late.err || fail "--retry-for does not say so: $(cat late.err)"
"$WEIR_BIN/mqtt-sub" -t late/data 2>sub.err &
subscriber=$!
wait_until 10 grep -q 'trying again' sub.err
kill -TERM $subscriber
timeout 10 tail --pid=$subscriber -f /dev/null || fail "without a broker SIGTERM does not end mqtt-sub"
wait $subscriber || fail "SIGTERM without a broker: exit $?"
echo "no broker: --retry-for ends with 1, SIGTERM with 0"
