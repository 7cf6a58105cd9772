#!/usr/bin/env bash
# Several records in a message, mqtt-pub --batch → mosquitto → mqtt-sub --from records: the same bytes in the same order at each quality;
# records of one topic alone; at a pause at once; each record of a refused message is a reject; whole packs with ids of their own, each
# once or with the same content, under kill -9 of the publisher; each record once under that of the subscriber.
# labels: mqtt faults
# tools: csv-tail mqtt-pub mqtt-sub csv-append
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
cat >acl <<'ACL'
topic readwrite ok/#
topic readwrite trip/#
ACL
# Without a limit of its queues mosquitto closes the connection with each message that it refuses: mqtt-pub(1).
start_mosquitto "acl_file $PARTS/acl" "max_queued_messages 100000" "max_inflight_messages 200"
broker=(-h "$MQTT_HOST" -p "$MQTT_PORT")

count=12000
rows_with_secrets $count 7 80 >rows.csv
csv-tail rows.csv >all.ndjson

# listen: a session at the broker. heard: what has come there since, one message a line in the file heard.
listen() {
  mosquitto_sub "${broker[@]}" -i listener -t 'ok/#' -E -W 200 # ends the one before
  mosquitto_sub "${broker[@]}" -q 1 -i listener -c -t 'ok/#' -E -W 200
}
heard() {
  : >hearing # here: in the background it would still hold what was heard before
  mosquitto_pub "${broker[@]}" -q 1 -t ok/end -m END
  mosquitto_sub "${broker[@]}" -q 1 -i listener -c -t 'ok/#' -W 200 "$@" >>hearing &
  wait_until 60 grep -q END hearing
  kill $!
  wait $! || true
  grep -v END hearing >heard || true
}

# 1. Through the broker and back.
for protocol in 3.1.1 5; do
  for qos in 0 1 2; do
    mqtt-sub -t "trip/$qos/$protocol" --qos "$qos" --protocol "$protocol" --from records --count $((count + 1)) >got.ndjson &
    subscriber=$!
    mosquitto_pub "${broker[@]}" -t "trip/$qos/$protocol" -m '{"the":"start"}' -r
    wait_until 20 grep -q start got.ndjson
    mqtt-pub -t "trip/$qos/$protocol" --qos "$qos" --protocol "$protocol" --batch 70 all.ndjson
    wait $subscriber || fail "mqtt-sub ended with $?"
    tail -n +2 got.ndjson | cmp - all.ndjson || fail "QoS $qos, MQTT $protocol: not the bytes that went in"
  done
done
echo "$count records in packs, at each quality, MQTT 3.1.1 and 5: all, in order, none twice, the same bytes"

# 2. Limits: of records, of bytes, of topics. A record that is too long stands alone.
listen
{
  for n in 1 2 3 4 5 6 7; do echo "{\"n\":$n,\"k\":\"$((n / 4))\"}"; done
  echo '{"n":8,"k":"1","long":"0123456789012345678901234567890123456789"}'
  echo '{"n":9,"k":"1"}'
} | mqtt-pub -t 'ok/{k}' --batch 3 --batch-bytes 40
mqtt-pub -t ok/values --batch 3 --payload k <<<'{"k":"a b"}
{"k":2.50}
{"k":null}
{"k":[1]}'
heard -F '%t %p'
cmp - heard <<'WANTED' || fail "packs: $(cat heard)"
ok/0 [{"n":1,"k":"0"},{"n":2,"k":"0"}]
ok/0 [{"n":3,"k":"0"}]
ok/1 [{"n":4,"k":"1"},{"n":5,"k":"1"}]
ok/1 [{"n":6,"k":"1"},{"n":7,"k":"1"}]
ok/1 [{"n":8,"k":"1","long":"0123456789012345678901234567890123456789"}]
ok/1 [{"n":9,"k":"1"}]
ok/values ["a b",2.50,null]
ok/values [[1]]
WANTED
echo "packs have records of one topic, in a row, within both limits"

# 3. What is there goes at once: the input stays open, and never has as many records as would fill a pack.
mkfifo slow
mqtt-pub -t trip/slow --batch 1000 <slow &
publisher=$!
parts_pids+=("$publisher")
mqtt-sub -t trip/slow --from records --count 4 >slow.ndjson &
subscriber=$!
exec 5>slow
mosquitto_pub "${broker[@]}" -t trip/slow -m '{"the":"start"}' -r
wait_until 20 grep -q start slow.ndjson
for n in 1 2 3; do
  echo "{\"n\":$n}" >&5
  wait_until 20 grep -q "\"n\":$n" slow.ndjson || fail "record $n is kept back"
done
wait $subscriber
exec 5>&-
wait $publisher || fail "mqtt-pub ended with $?"
echo "a pause of the input sends what is there"

# 4. The broker refuses some: each record is a reject, with its own line and text.
for payload in '' '--payload n'; do
  # shellcheck disable=SC2086
  head -n 5000 all.ndjson | mqtt-pub --protocol 5 -t '{kind}/x' --batch 10 --rejects refused.ndjson $payload 2>words || fail "mqtt-pub ended with $?"
  [ "$(jq -r .raw refused.ndjson)" = "$(head -n 5000 all.ndjson | grep secret)" ] || fail "refused: $(head -2 refused.ndjson)"
  [ "$(jq .line refused.ndjson)" = "$(seq 9 400 5000)" ] || fail "lines of those refused: $(jq -c .line refused.ndjson)"
  rm refused.ndjson
done
head -n 25 all.ndjson | sed 's/"kind":"ok"/"kind":"secret"/' | mqtt-pub --protocol 5 -t '{kind}/x' --batch 10 --rejects refused.ndjson 2>words || fail "mqtt-pub ended with $?"
[ "$(jq .line refused.ndjson)" = "$(seq 25)" ] || fail "packs of refused records: $(jq -c .line refused.ndjson)"
echo "what the broker refuses is a reject for each record, by its own line"

# 5. The publisher is killed. Each id has one pack; together they have all records, in order. The others are rejected once.
listen
kills --state s1 --kills 20 --step 1 --seed 31 --grow rows.csv rows1.csv 'csv-tail --checkpoint-records 100 rows1.csv | mqtt-pub --protocol 5 -t {kind}/x --batch 7 --id-field id' >did
heard
head -n 1 heard | grep -q '^\[{"n":1,.*"id":"s1-1-1"},.*"id":"s1-1-7"}\]$' || fail "the first pack: $(head -n 1 heard)"
jq -c .[] heard | sort -u >records
[ "$(jq -r .id records | sort -u | wc -l)" = "$(wc -l <records)" ] || fail "an id came with two records"
sort -u heard | jq -r '.[0].id' | sort | uniq -d | grep -q . && fail "an id came with two packs"
jq -c 'del(.id)' records | sort | cmp -s - <(grep -v secret all.ndjson | jq -c . | sort) || fail "not the records that were to come"
jq -r .raw s1/mqtt-pub/rejects | jq -c 'del(.id)' | sort | cmp -s - <(grep secret all.ndjson | jq -c . | sort) ||
  fail "refused: $(wc -l <s1/mqtt-pub/rejects) of $(grep -c secret all.ndjson)"
packs=$(sort -u heard | wc -l)
echo "$(cat did): $(wc -l <records) records in $packs packs, $(($(wc -l <heard) - packs)) of them twice; refused ones rejected once"

# 6. The subscriber and its sink are killed.
random_moments
begin() { begin_group "export WEIR_STATE=$PARTS/s2; mqtt-sub -t ok/in --from records --checkpoint-every 20ms | csv-append out.csv"; }
begin
subscribed() { grep -q subscribed s2/mqtt-sub/session; }
wait_until 60 subscribed
mkfifo numbers
mqtt-pub -t ok/in --batch 9 <numbers &
publisher=$!
parts_pids+=("$publisher")
exec 6>numbers
burst=250
for kill in $(seq 0 19); do
  { seq -f '{"n":%.0f}' $((kill * burst)) $((kill * burst + burst - 1)); } >&6
  mosquitto_pub "${broker[@]}" -q 1 -t ok/in -m "[7,{\"n\":\"more $kill\"}]"
  kill_some mqtt-sub csv-append
  begin
done
wait_until 120 lines_in out.csv $((20 * burst + 21)) || fail "$(wc -l <out.csv) lines"
wait_until 60 lines_in s2/mqtt-sub/rejects 20 || fail "$(wc -l <s2/mqtt-sub/rejects) rejects"
kill -TERM -- "-$group"
wait_until 60 gone
exec 6>&-
wait $publisher || fail "mqtt-pub ended with $?"
grep -v more out.csv | cmp - <(echo n; seq 0 $((20 * burst - 1))) || fail "records are lost, doubled or out of order"
[ "$(grep -c more out.csv)" = 20 ] || fail "records beside a bad element: $(grep -c more out.csv)"
[ "$(jq -r .reason s2/mqtt-sub/rejects | sort -u)" = "element 1: not a JSON object" ] || fail "$(head -1 s2/mqtt-sub/rejects)"
echo "$((20 * burst)) records in packs through 20 kill -9, each once and in order; each bad element rejected once"
