#!/usr/bin/env bash
# mqtt-pub with checkpoints: whatever is killed when, every message arrives, doubles bear the same id, a clean stop makes none, and what
# the broker refuses is rejected once.
# labels: mqtt faults
# tools: csv-tail mqtt-pub
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
cat >acl <<'ACL'
topic readwrite ok/#
ACL
# Without a limit of its queues mosquitto closes the connection with each message that it refuses: mqtt-pub(1).
start_mosquitto "acl_file $PARTS/acl" "max_queued_messages 100000"

# Takes ok/# and writes `id TAB payload`, the id from the user property, else from the payload; ok/end ends it.
cat >subscriber.py <<'PYTHON'
import json, os, sys
import paho.mqtt.client as mqtt

def on_connect(client, *_):
    client.subscribe("ok/#", qos=1)

def on_message(client, _, message):
    if message.topic == "ok/end":
        out.flush()
        os.rename(sys.argv[1] + ".part", sys.argv[1])
        client.disconnect()
        return
    payload = message.payload.decode()
    properties = dict(getattr(message.properties, "UserProperty", []))
    out.write(f"{properties.get('weir-id') or json.loads(payload).get('id', '')}\t{payload}\n")

out = open(sys.argv[1] + ".part", "w", buffering=1)
client = mqtt.Client(client_id="reader-" + sys.argv[1], protocol=mqtt.MQTTv5)
client.on_connect, client.on_message = on_connect, on_message
client.on_subscribe = lambda *_: open(sys.argv[1] + ".listens", "w")
client.connect("127.0.0.1", int(os.environ["MQTT_PORT"]))
client.loop_forever()
PYTHON
listen() {
  /usr/bin/python3 subscriber.py "$1" &
  listener=$!
  parts_pids+=("$listener")
  wait_until 60 test -e "$1.listens"
}
heard() {
  echo '{"end":1}' | mqtt-pub -t ok/end
  wait $listener || fail "the subscriber"
}
# Every payload of the file, each under ids of its own, each id with one payload.
check() { # check HEARD WANTED
  cut -f1 "$1" | sort -u >ids
  sort -u "$1" | cut -f1 | cmp -s - ids || fail "an id came with two messages"
  sort -u "$1" | cut -f2 | sed 's/,"id":"[^"]*"}$/}/' | sort | cmp -s - <(sort "$2") || fail "not the messages that were to come"
  [ "$(wc -l <ids)" = "$(wc -l <"$2")" ] || fail "$(wc -l <ids) ids of $(wc -l <"$2") messages"
}

count=12000
rows_with_secrets $count 6 300 >rows.csv
csv-tail rows.csv >all.ndjson
grep -v '"kind":"secret"' all.ndjson >wanted
grep '"kind":"secret"' all.ndjson | sort >secret

# 1. Kills. The id is a user property of MQTT 5; the broker refuses the topics of some.
listen five
kills --state s1 --kills 30 --step 1 --seed 21 --grow rows.csv rows1.csv 'csv-tail --checkpoint-records 100 rows1.csv | mqtt-pub --protocol 5 -t {kind}/x' >did
heard
check five wanted
jq -r .raw s1/mqtt-pub/rejects | sort | cmp -s - secret || fail "the refused ones: $(wc -l <s1/mqtt-pub/rejects) of $(wc -l <secret)"
grep -q '"reason":"the broker refuses it: ' s1/mqtt-pub/rejects || fail "the reason: $(head -1 s1/mqtt-pub/rejects)"
echo "$(cat did): $(wc -l <wanted) messages with ids, $(($(wc -l <five) - $(wc -l <wanted))) came twice with the same one; $(wc -l <secret) refused ones rejected once"

# 2. The id in the payload, for MQTT 3.1.1 and for those who see no properties.
listen three
kills --state s2 --kills 10 --step 1 --seed 22 --grow rows.csv rows2.csv 'csv-tail --checkpoint-records 100 rows2.csv | mqtt-pub -t ok/{kind} --id-field id' >did
heard
check three all.ndjson
head -1 three | grep '^s2-1-1	{"n":1,.*,"id":"s2-1-1"}$' >/dev/null || fail "the first message: $(head -1 three)"
echo "$(cat did): $count messages with ids in the payload, $(($(wc -l <three) - count)) came twice"

# 3. Stopped by SIGTERM and started again: no message twice, none missing.
listen stops
mkfifo pipe
committed() { cat s3/commit 2>/dev/null || echo 0; }
moved_on() { [ "$(committed)" -gt "$1" ]; }
all_heard() { [ "$(wc -l <stops.part)" -ge $count ]; }
head -1 rows.csv >rows3.csv
for round in 1 2 3 4; do # each has something left to do, so that both stages are there when it is stopped
  before=$(committed)
  sed -n "$(((round - 1) * count / 4 + 2)),$((round * count / 4 + 1))p" rows.csv >>rows3.csv
  csv-tail --state s3 -f --checkpoint-records 100 rows3.csv 2>>words >pipe &
  source=$!
  mqtt-pub --state s3 --protocol 5 -t ok/x 2>>words <pipe &
  sink=$!
  if [ $round -lt 4 ]; then wait_until 60 moved_on "$before"; else wait_until 60 all_heard; fi
  kill -TERM $source
  wait $source || fail "csv-tail, stopped: $?"
  wait $sink || fail "mqtt-pub, stopped: $?"
done
heard
check stops all.ndjson
[ "$(wc -l <stops)" = $count ] || fail "$(wc -l <stops) messages of $count after clean stops"
echo "3 clean stops in the middle: $count messages, none twice"

# 4. What cannot be.
status=0
mqtt-pub --state s4 --qos 0 -t ok/x </dev/null 2>words || status=$?
[ $status = 2 ] || fail "--qos 0 with --state: $status"
