#!/usr/bin/env bash
# labels: mqtt
# tools: csv-tail mqtt-pub mqtt-sub
# timeout: 400
# csv-tail → mqtt-pub → mosquitto → mqtt-sub: the whole year at QoS 1, a part of it at every other quality and version; all, in order,
# none twice, byte for byte. A topic for each city. And malformed payloads: what goes in comes out or is in the rejects.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_mosquitto
fail() { echo "FAILED: $*" >&2; exit 1; }

# listen FILTER [option…]: a subscriber that is known to listen: it has had the retained {"the":"start"} of FILTER's …/state.
listen() {
  local filter=$1 state=${1//[+#]/state}
  shift
  echo '{"the":"start"}' | "$WEIR_BIN/mqtt-pub" -t "$state" --retain
  : >got.ndjson
  "$WEIR_BIN/mqtt-sub" -t "$filter" "$@" >got.ndjson &
  subscriber=$!
  wait_until 20 grep -q '"the":"start"' got.ndjson
}

# round_trip FILE QOS PROTOCOL: through the broker and back. The end marker comes after all, so that a double would be seen.
round_trip() {
  local file=$1 qos=$2 protocol=$3 lines
  lines=$(wc -l <"$file")
  listen "trip/$2/$3/+" --qos "$qos" --protocol "$protocol" --count $((lines + 2))
  { cat "$file"; echo '{"the":"end"}'; } | "$WEIR_BIN/mqtt-pub" -t "trip/$2/$3/data" --qos "$qos" --protocol "$protocol" || fail "mqtt-pub ended with $?"
  wait "$subscriber" || fail "mqtt-sub ended with $?"
  { echo '{"the":"start"}'; cat "$file"; echo '{"the":"end"}'; } | cmp - got.ndjson || fail "QoS $qos, MQTT $protocol: not the bytes that went in"
  echo "QoS $qos, MQTT $protocol: $lines records, all, in order, none twice, the same bytes"
}

csv=$(readings_csv)
"$WEIR_BIN/csv-tail" "$csv" >all.ndjson
rows=$(/usr/bin/python3 -c 'import csv, sys; print(sum(1 for _ in csv.reader(open(sys.argv[1]))) - 1)' "$csv")
[ "$(wc -l <all.ndjson)" -eq "$rows" ] || fail "csv-tail gave $(wc -l <all.ndjson) records of $rows rows"
head -n 20000 all.ndjson >part.ndjson

round_trip all.ndjson 1 3.1.1
for protocol in 3.1.1 5; do
  for qos in 0 1 2; do
    [ $qos-$protocol = 1-3.1.1 ] || round_trip part.ndjson $qos $protocol
  done
done

listen 'city/+/now' --topic-fields _,place --count 20001
"$WEIR_BIN/mqtt-pub" -t 'city/{city}/now' part.ndjson
wait "$subscriber" || fail "mqtt-sub on a topic for each city ended with $?"
tail -n +2 got.ndjson >cities.ndjson
jq -c 'select(.place != .city)' cities.ndjson >wrong
[ ! -s wrong ] || fail "a city on another's topic: $(head -1 wrong)"
sed 's/,"place":"[^"]*"}$/}/' cities.ndjson | cmp - part.ndjson || fail "a topic for each city: not the records that went in"
echo "a topic for each city: $(wc -l <cities.ndjson) records on $(jq -r .place cities.ndjson | sort -u | wc -l) topics, in order"

listen 'bad/+' --rejects bad-rejects.ndjson
/usr/bin/python3 - "$MQTT_PORT" <<'PYTHON'
import random, sys
import paho.mqtt.client as mqtt
client = mqtt.Client("malformed")
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_start()
random.seed(4)
tokens = [b"nan", b"Infinity", b"007", b"True", b"1\n2", b"1e400", b"-0", b'"\\u0041"']
for i in range(3000):
    payload = bytearray(b'{"a":%d,"b":"x","c":[1,{"d":null}]}' % i)
    if i % 7 == 0:
        payload = bytearray(b'{"a":%d,"e":%s}' % (i, tokens[i // 7 % len(tokens)]))
    elif i % 2:
        for _ in range(random.randint(1, 3)):
            payload[random.randrange(len(payload))] = random.randrange(256)
    if i % 11 == 0:
        payload = payload[: random.randrange(len(payload))]
    message = client.publish("bad/data", bytes(payload), qos=1)
client.publish("bad/data", bytes(3000000), qos=1)
message = client.publish("bad/last", b'{"the":"last"}', qos=1)
message.wait_for_publish()
client.disconnect()
PYTHON
wait_until 20 grep -q '"the":"last"' got.ndjson
kill -TERM "$subscriber"
wait "$subscriber" || fail "mqtt-sub with --rejects ended with $?"
out=$(($(wc -l <got.ndjson) - 2)) rejected=$(wc -l <bad-rejects.ndjson)
[ $((out + rejected)) -eq 3001 ] || fail "3001 payloads went in, $out came out and $rejected were rejected"
[ $out -ge 1200 ] && [ "$rejected" -ge 500 ] || fail "$out out and $rejected rejected is not what was damaged"
/usr/bin/python3 - <<'PYTHON'
import base64, json
def refuse(token):
    raise ValueError(token)
for line in open("got.ndjson", "rb"):
    json.loads(line.decode(), parse_constant=refuse)  # nothing but valid JSON has left
rejects = [json.loads(line) for line in open("bad-rejects.ndjson")]
assert all(each["topic"] == "bad/data" and each["reason"] for each in rejects)
[long] = [each for each in rejects if "--max-line" in each["reason"]]
assert len(base64.b64decode(long["raw_base64"])) == 1 << 20, "of a payload over the limit more or less than that is kept"
print(len(rejects), "rejects with topics and reasons")
PYTHON
echo "malformed payloads: 3001 in, $out out, $rejected rejected"
