#!/usr/bin/env bash
# What kafka-sub does where topics, partitions and messages come and go: missing topics, new partitions, removed messages, topics made
# anew, a share without partitions, ends after a transaction; what it shows of headers; the group's offsets with --state.
# labels: kafka
# tools: kafka-pub kafka-sub csv-tail csv-append
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_kafka
fail() { echo "FAILED: $*" >&2; exit 1; }
fresh() { echo "t$$-$1"; } # the broker may be shared
all() { kafka-sub -t "$1" --until end --from "${from:-start}" "${@:2}"; }
numbers() { jq -c .n "$@" | sort -n | paste -sd ' '; }
same() { [ "$1" = "$2" ] || fail "$3: got '$1', expected '$2'"; }
says() { grep -F -- "$2" "$1" >/dev/null || fail "'$2' is not in: $(cat "$1")"; }
send() { seq -f '{"n":%.0f}' "$2" "$3" | kafka-pub -t "$1" --create-topic partitions="${4:-1}" "${@:5}"; } # TOPIC FIRST LAST [PARTITIONS] [OPTION…]
admin() { /usr/bin/python3 admin.py "$KAFKA_BROKERS" "$@"; }
cat >admin.py <<'PYTHON'
import sys
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions
brokers, what, topic = sys.argv[1:4]
admin = AdminClient({"bootstrap.servers": brokers})
if what == "partitions":
    admin.create_partitions([NewPartitions(topic, int(sys.argv[4]))])[topic].result()
elif what == "delete":
    admin.delete_topics([topic], operation_timeout=30)[topic].result()
elif what == "committed":
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": sys.argv[4]})
    print(consumer.committed([TopicPartition(topic, 0)], 30)[0].offset)
elif what == "commit":
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": sys.argv[4]})
    consumer.commit(offsets=[TopicPartition(topic, 0, int(sys.argv[5]))], asynchronous=False)
elif what == "abort":  # waits for a line before the transaction is aborted
    producer = Producer({"bootstrap.servers": brokers, "transactional.id": topic})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b'{"n":7}')
    producer.flush()
    print("open", flush=True)
    sys.stdin.readline()
    producer.abort_transaction(30)
PYTHON
remove_before() { # TOPIC OFFSET, of partition 0
  printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"offset":%s}]}' "$1" "$2" >remove.json
  run_java org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$KAFKA_BROKERS" --offset-json-file remove.json >remove.log 2>&1 ||
    fail "$(cat remove.log)"
}
# expect STATUS TEXT COMMAND…
expect() {
  local want=$1 text=$2 got=0
  shift 2
  timeout 300 "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || fail "exit $got, expected $want of: $* $(cat err)"
  says err "$text"
}
# pipeline NAME TOPIC OPTION…: into NAME.csv; its exit status is that of kafka-sub.
pipeline() {
  local all
  kafka-sub --state "$1.state" --pipe "t$$-$1" -t "$2" --from start "${@:3}" 2>"$1.err" | csv-append --state "$1.state" --pipe "t$$-$1" "$1.csv" 2>>"$1.err" &&
    all=("${PIPESTATUS[@]}") || all=("${PIPESTATUS[@]}")
  return "${all[0]}"
}
# refused NAME TEXT OPTION…: the pipeline ends with 3.
refused() {
  local got=0
  pipeline "$1" "$topic" "${@:3}" || got=$?
  same $got 3 "$1 $(cat "$1.err")"
  says "$1.err" "$2"
}
# live OPTION…: kafka-sub in the background, into live.ndjson; its process is in `live`.
live() {
  rm -f live.ndjson live.err # of the one before
  kafka-sub --from start --look-every 200ms "$@" >live.ndjson 2>live.err &
  live=$!
}
read_so_far() { { [ -e live.ndjson ] && [ "$(wc -l <live.ndjson)" -ge "$1" ]; } || { kill -0 "$live" 2>/dev/null || fail "it has ended: $(cat live.err)"; false; }; }
end_live() {
  kill -TERM "$live"
  wait "$live" || fail "exit $? $(cat live.err)"
}
shows() { [ "$(all "$1" | numbers | tail -c $((${#2} + 1)))" = "$2" ]; } # TOPIC NUMBERS: markers of transactions come a moment after the commit
last_is() { [ "$(tail -1 "$1")" = "$2" ]; }

# --- With --state the group has the offsets of the last epoch, however the run ends.
topic=$(fresh group)
send "$topic" 1 20
pipeline group "$topic" --group "$topic" --until end || fail "$(cat group.err)"
same "$(admin committed "$topic" "$topic")" 20 "the group's offset after --until end"
send "$topic" 21 30
pipeline group "$topic" --group "$topic" --count 25 || fail "$(cat group.err)"
same "$(admin committed "$topic" "$topic")" 25 "the group's offset after --count"
echo "kafka-sub-edges: with --state, the group has the last offsets"

# --- Messages are gone: exit 3, and --allow-gap goes on after them.
send "$topic" 31 40
remove_before "$topic" 32
refused group "$topic, partition 0: messages 25 to 31 are gone from the brokers (--allow-gap goes on after them)" --until end
same "$(wc -l <group.csv)" 26 "nothing is written"
pipeline group "$topic" --until end --allow-gap || fail "$(cat group.err)"
says group.err "messages 25 to 31 are gone from the brokers"
same "$(tail -n +27 group.csv | paste -sd ' ')" "33 34 35 36 37 38 39 40" "after the gap"
# A group, without --state: reported.
kafka-sub -t "$topic" --group "$topic" --until end 2>err >out
says err "messages 25 to 31 are gone from the brokers"
same "$(numbers out)" "33 34 35 36 37 38 39 40" "without --state"
echo "kafka-sub-edges: messages that are gone"

# --- A topic that was made anew: the position is beyond its end.
admin delete "$topic"
send "$topic" 101 103
refused group "$topic, partition 0: offset 40 is beyond the end: the topic was made anew, or the brokers have lost messages (--allow-gap reads" --until end
pipeline group "$topic" --until end --allow-gap || fail "$(cat group.err)"
same "$(tail -3 group.csv | paste -sd ' ')" "101 102 103" "the topic made anew"
admin commit "$topic" "$topic" 40
timeout 300 kafka-sub -t "$topic" --group "$topic" --until end 2>err >out || fail "$(cat err)"
says err "offset 40 is beyond the end"
same "$(numbers out)" "101 102 103" "the topic made anew, without --state"
# While it is read.
mkfifo lines
kafka-sub --state group.state --pipe "t$$-group" -t "$topic" --from start --look-every 200ms --checkpoint-every 50ms 2>again.err >lines &
source=$!
csv-append --state group.state --pipe "t$$-group" group.csv <lines 2>>again.err &
send "$topic" 104 105
wait_until 30 last_is group.csv 105
admin delete "$topic"
send "$topic" 201 202
status=0
wait $source || status=$?
same $status 3 "made anew while it is read: $(cat again.err)"
says again.err "offset 5 is beyond the end"
wait $! || true
echo "kafka-sub-edges: a topic that was made anew"

# --- Messages that are removed while others are read, as the reader is slow: reported without --state.
topic=$(fresh slow)
seq -f '{"n":%.0f,"text":"a value of a reading that is long enough to fill the pipe and what the library holds"}' 1 40000 |
  kafka-pub -t "$topic" --create-topic partitions=1 --batch-size 64KiB
slow=(-X queued.min.messages=500 -X fetch.message.max.bytes=70000 -X fetch.max.bytes=70000 -X message.max.bytes=70000)
kafka-sub -t "$topic" --from start --until end "${slow[@]}" 2>slow.err >lines &
exec {slow_lines}<lines
read -r first <&"$slow_lines"
remove_before "$topic" 39990
{ echo "$first"; cat <&"$slow_lines"; } >slow.ndjson
exec {slow_lines}<&-
wait $! || fail "$(cat slow.err)"
says slow.err "$topic, partition 0: messages "
says slow.err " to 39989 are gone from the brokers"
[ "$(wc -l <slow.ndjson)" -lt 39000 ] || fail "nothing was removed"
same "$(tail -10 slow.ndjson | numbers)" "39991 39992 39993 39994 39995 39996 39997 39998 39999 40000" "after the removed messages"
echo "kafka-sub-edges: messages removed while others are read"

# --- The end is after the marker of a transaction: what comes after the start is not read.
topic=$(fresh marker)
{ echo n,text; seq -f '%.0f,a value of a reading that is long enough to fill the pipe and what the library holds' 1 8000; } >marker.csv
csv-tail --state marker --pipe "$topic" marker.csv | kafka-pub --state marker --pipe "$topic" -t "$topic" --create-topic partitions=1 --batch-size 64KiB
wait_until 30 shows "$topic" 8000
kafka-sub -t "$topic" --from start --until end "${slow[@]}" 2>marker.err >lines &
exec {slow_lines}<lines
read -r first <&"$slow_lines"
send "$topic" 99998 99999
{ echo "$first"; cat <&"$slow_lines"; } >marker.ndjson
exec {slow_lines}<&-
wait $! || fail "$(cat marker.err)"
same "$(wc -l <marker.ndjson)" 8000 "messages up to the end"
same "$(tail -1 marker.ndjson | jq .n)" 8000 "the last one"
echo "kafka-sub-edges: nothing after the end"

# --- More partitions: they are read; with --state the run ends with 3, at once and at the next start.
topic=$(fresh more)
send "$topic" 1 5
pipeline more "$topic" --until end || fail "$(cat more.err)"
live -t "$topic"
wait_until 30 read_so_far 5
mkfifo more-lines
kafka-sub --state more.state --pipe "t$$-more" -t "$topic" --from start --look-every 200ms 2>again.err >more-lines &
source=$!
csv-append --state more.state --pipe "t$$-more" more.csv <more-lines 2>>again.err &
send "$topic" 6 6
wait_until 30 last_is more.csv 6
admin partitions "$topic" 3
status=0
wait $source || status=$?
same $status 3 "more partitions while it is read: $(cat again.err)"
says again.err "the topic $topic has 3 partitions, and had 1: keys have moved"
wait $! || true
refused more "the topic $topic has 3 partitions, and had 1" --until end --allow-gap
send "$topic" 11 40 3 -k n
wait_until 30 read_so_far 36
end_live
says live.err "the topic $topic has 3 partitions, and had 1: the new ones are read from their beginning"
same "$(numbers live.ndjson)" "$(seq -s ' ' 1 6) $(seq -s ' ' 11 40)" "all partitions"
echo "kafka-sub-edges: more partitions"

# --- Topics that are not there are waited for, beside others that are read meanwhile; an end needs all of them.
topic=$(fresh wait)
send "$topic-a" 1 2
live -t "$topic-a" -t "$topic-b"
wait_until 30 read_so_far 2
says live.err "there is no topic '$topic-b' yet; waiting for it"
all "$topic-a" -t "$topic-c" >both.ndjson 2>both.err &
both=$!
wait_until 30 grep -F "there is no topic '$topic-c' yet" both.err >/dev/null
send "$topic-b" 3 3
wait_until 30 read_so_far 3
end_live
kill -0 $both || fail "it has ended without the topic: $(cat both.err)"
send "$topic-c" 4 4
wait $both || fail "$(cat both.err)"
same "$(grep -v 4 both.ndjson | numbers)" "1 2" "the end of both topics" # that of the second is before or after its message
echo "kafka-sub-edges: topics are waited for"

# --- A share without a partition: it looks for one, and with --until end there is nothing to read.
topic=$(fresh share)
send "$topic-a" 1 3
live -t "^$topic-" --shard 2/2
wait_until 30 grep -F -- "--shard 2/2: there is no partition for it yet; waiting for one" live.err >/dev/null
send "$topic-b" 11 40 2 -k n
all "$topic-b" --partitions 1 >other.ndjson
[ -s other.ndjson ]
wait_until 30 read_so_far "$(wc -l <other.ndjson)"
end_live
same "$(numbers live.ndjson)" "$(numbers other.ndjson)" "the second share"
expect 0 "--shard 2/2: there is no partition for it" kafka-sub -t "$topic-a" --shard 2/2 --from start --until end
same "$(cat out)" "" "a share without a partition"
expect 0 "--partitions: there is no partition 7" kafka-sub -t "$topic-a" --partitions 0,7 --from start --until end
same "$(numbers out)" "1 2 3" "partition 0"
expect 0 "--from: there is no partition 7" kafka-sub -t "$topic-a" --from 0:1,7:5 --until end
same "$(numbers out)" "2 3" "from offset 1"
echo "kafka-sub-edges: a share without a partition"

# --- Messages of a transaction that is open, and then aborted.
topic=$(fresh open)
send "$topic" 1 2
coproc TRANSACTION { admin abort "$topic"; }
read -r open <&"${TRANSACTION[0]}"
same "$open" open "the transaction"
same "$(all "$topic" | numbers)" "1 2" "what is committed"
same "$(all "$topic" --isolation read_uncommitted | numbers)" "1 2 7" "what is not committed, too"
pid=$TRANSACTION_PID
echo >&"${TRANSACTION[1]}"
wait "$pid"
send "$topic" 8 8
wait_until 30 shows "$topic" "1 2 8" || fail "after the abort: $(all "$topic" | numbers)"
same "$(all "$topic" --isolation read_uncommitted | numbers)" "1 2 7 8" "what was aborted, too"
echo "kafka-sub-edges: --isolation"

# --- Headers of one name.
topic=$(fresh headers)
send "$topic" 1 1 1 --header a=1 --header b=x --header a=2
same "$(all "$topic" --meta headers)" '{"n":1,"headers":{"a":["1","2"],"b":"x"}}' "headers"
same "$(all "$topic" --envelope | jq -c .headers)" '{"a":["1","2"],"b":"x"}' "headers in an envelope"
echo "kafka-sub-edges: headers of one name are an array"
