#!/usr/bin/env bash
# Records through a real broker: what arrives, with which key, headers and time; keys on the partitions of Java's clients; watermarks over
# partitions; exactly once while stages are killed; a second copy is fenced; what the brokers refuse.
# labels: kafka
# tools: kafka-pub kafka-sub win-agg csv-tail csv-append sensor-sim pipe-run
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/kills.sh"
start_kafka
data=$WEIR_SOURCE/examples/data
fresh() { echo "t$$-$1"; } # the broker may be shared
all() { kafka_settled "$1" && kafka-sub -t "$1" --until end --from "${from:-start}" "${@:2}"; }

# What is sent arrives, byte for byte, with what it was given; kcat is another reader.
topic=$(fresh sent)
kafka-pub -t "$topic" -k city --header 'source={city}' --header 'trace={traceparent}' --timestamp timestamp --create-topic partitions=3,retention.ms=-1 "$data/readings.ndjson" 2>named
grep -q "no record has 'traceparent'\|traceparent" named
all "$topic" >got
cmp <(sort got) <(sort "$data/readings.ndjson")
kcat -C -b "$KAFKA_BROKERS" -t "$topic" -e -q -J | jq -c '[.key, (.headers // [] | join("=")), (.ts / 1000 | todate), .payload]' >by-kcat
jq -e -s 'all(.[]; .[3] as $record | ($record | fromjson) as $r | .[0] == $r.city and .[1] == "source=\($r.city)" and .[2] == $r.timestamp)' by-kcat >/dev/null
all "$topic" --meta 'key as town, partition, offset, timestamp as sent' | jq -e -s 'all(.[]; .town == .city and .sent == .timestamp) and ([.[] | [.partition, .offset]] | unique | length) == length' >/dev/null
show "$(wc -l <got) records arrive with key, headers and time"

# Places to begin with: a time, offsets, what a group has committed.
since=2026-07-05T00:00:00Z
cmp <(from=$since all "$topic" | sort) <(jq -c "select(.timestamp >= \"$since\")" "$data/readings.ndjson" | sort)
half=$(all "$topic" --partitions 0 | wc -l)
[ "$(from=0:$((half - 2)) all "$topic" --partitions 0 | wc -l)" = 2 ]
kafka-sub -t "$topic" --group "$topic" --from start --count 10 >first
kafka-sub -t "$topic" --group "$topic" --until end >rest
cmp <(sort first rest) <(sort "$data/readings.ndjson")
cmp <(for shard in 1 2 3; do all "$topic" --shard "$shard/3"; done | sort) <(sort "$data/readings.ndjson")
show "begins at times, offsets and committed places; shards add up"

# While messages wait in the library's queue, topics are looked for; each of the messages arrives.
topic=$(fresh looked)
sensor-sim --sensors 20 --count 50000 --seed 5 >many
kafka-pub -q -t "$topic" -k sensor --create-topic partitions=3 many
kafka-sub -t "^$topic" --from start --look-every 20ms --count 50000 >looked
cmp <(sort looked) <(sort many)
show "topics are looked for while $(wc -l <looked) messages wait"

# Tombstones, payloads, and what is not a record.
topic=$(fresh tomb)
printf '%s\n' '{"id":"a","v":{"x":1}}' '{"id":"b","v":"text"}' '{"id":"a"}' | kafka-pub -t "$topic" -k id --payload v --tombstone
[ "$(all "$topic" --envelope | jq -c '[.key, .payload]' | sort | tr -d '\n')" = '["a",null]["a",{"x":1}]["b","text"]' ]
status=0
all "$topic" >records 2>reasons || status=$?
[ $status = 1 ] && [ "$(cat records)" = '{"x":1}' ]
grep -q "tombstone" reasons
grep -q "not a JSON object" reasons
show "tombstones and other payloads"

# Keys lie on the partitions where Java's clients put them.
topic=$(fresh java)
sensor-sim --sensors 10000 --count 10000 --seed 7 | jq -c '{key: "\(.sensor)-é\(.value)", sensor}' >keys
make_topic "$topic" 7
make_topic "$topic-java" 7
kafka-pub -t "$topic" -k key keys
jq -r '"\(.key)\t\(.sensor)"' keys | run_java org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$KAFKA_BROKERS" --topic "$topic-java" --property parse.key=true >java.log 2>&1
partitions_of() { kcat -C -b "$KAFKA_BROKERS" -t "$1" -e -q -f '%k\t%p\n' | sort; }
cmp <(partitions_of "$topic") <(partitions_of "$topic-java")
[ "$(partitions_of "$topic" | wc -l)" = 10000 ]
show "10000 keys are on the partitions of Java's clients"

# Partitions that are read one after the other: no record is late by the watermarks of the source.
topic=$(fresh marks)
make_topic "$topic" 3
sensor-sim --weather --cities 5 --start 2026-01-01T00:00:00Z --every 10m --count 9000 --seed 3 >in.ndjson
kafka-pub -t "$topic" -k city in.ndjson
win-agg --every 1h --by city --agg 'avg(temperature_c), count()' in.ndjson | sort >want
all "$topic" --watermark 0s | win-agg --every 1h --by city --watermark input --agg 'avg(temperature_c), count()' | grep -v '"@ctl"' | sort >have
cmp want have
marks=$(all "$topic" --watermark 0s | grep -c '"@ctl":"watermark"')
[ "$marks" -gt 1 ]
show "$(wc -l <have) windows by $marks watermarks over three partitions, none late"

# Exactly once through kafka-sub | win-agg | kafka-pub, whatever is killed.
export WEIR_STATE=$PARTS/state WEIR_PIPE=$topic
line="kafka-sub -t $topic --from start --until end --checkpoint-records 300 | win-agg --every 1h --by city --watermark key --agg 'avg(temperature_c), count()' | kafka-pub -t $topic-out -k city"
make_topic "$topic-out" 3
make_topic weir-epochs 1 cleanup.policy=compact
run_under_kills 12 "$line"
unset WEIR_STATE
all "$topic-out" | sort >have
cmp want have
# Another library reads the same committed messages.
/usr/bin/python3 - "$KAFKA_BROKERS" "$topic-out" have <<'PYTHON'
import sys
from confluent_kafka import Consumer, KafkaError, TopicPartition
brokers, topic, path = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": topic, "enable.partition.eof": True, "isolation.level": "read_committed"})
consumer.assign([TopicPartition(topic, number, 0) for number in range(3)])
lines, ended = [], set()
while len(ended) < 3:
    message = consumer.poll(30)
    assert message is not None, "no answer"
    if message.error() is None:
        lines.append(message.value() + b"\n")
    else:
        assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
        ended.add(message.partition())
assert sorted(lines) == sorted(open(path, "rb")), "other messages"
PYTHON
show "$kills kills in $starts starts: each result once"

# A second copy of a pipeline takes over; the first is fenced and can commit no more.
export WEIR_STATE=$PARTS/twin-1 WEIR_PIPE=$topic-twin
printf 'n\n1\n2\n' >twin.csv
csv-tail -f twin.csv --checkpoint-every 100ms 2>first-source.err | kafka-pub -t "$topic-twin" --create-topic partitions=1 2>first.err &
first=$!
wait_until 60 bash -c "[ \"\$(env -u WEIR_STATE timeout 100 kafka-sub -t $topic-twin --from start --until end 2>/dev/null | wc -l)\" = 2 ]"
WEIR_STATE=$PARTS/twin-2 csv-tail twin.csv 2>second-source.err | WEIR_STATE=$PARTS/twin-2 kafka-pub -t "$topic-twin" 2>second.err && status=0 || status=$?
[ $status != 0 ] # the broker knows an epoch of this name that the new folder does not have
grep -q "without the pipeline's marker in the topic weir-epochs" second.err
echo 3 >>twin.csv
status=0
wait $first || status=$?
[ $status = 1 ]
grep -q "another producer has taken over the transactional id weir.$topic-twin" first.err
unset WEIR_STATE WEIR_PIPE
[ "$(all "$topic-twin" | jq -c .n | sort | tr -d '\n')" = 12 ]
show "the first copy is fenced: $(head -1 first.err)"

# What the brokers refuse is a reject and a dead letter; the rest arrives.
topic=$(fresh large)
make_topic "$topic" 1 max.message.bytes=2000
{ echo '{"n":1}'; printf '{"n":2,"x":"%s"}\n' "$(head -c 5000 /dev/urandom | base64 -w 0)"; echo '{"n":3}'; } >large.ndjson
status=0
kafka-pub -t "$topic" --dead-letter "$topic-dead" large.ndjson 2>large.err || status=$?
[ $status = 1 ]
grep -q 'line 2: Kafka refuses it' large.err
[ "$(all "$topic" | jq -c .n | tr -d '\n')" = 13 ]
[ "$(all "$topic-dead" --meta headers | jq -c '[.n, .headers["weir-topic"]]')" = "[2,\"$topic\"]" ]
# In a transaction, too.
{ echo n,x; for n in 4 5 6 7; do echo "$n,$([ $n != 6 ] || head -c 5000 /dev/urandom | base64 -w 0)"; done; } >large.csv
export WEIR_PIPE=$topic
csv-tail --state tx large.csv | kafka-pub --state tx -t "$topic" --batch-size 1KiB --dead-letter "$topic-dead" 2>large.err
[ "$(all "$topic" | jq -c .n | tr -d '\n')" = 13457 ] # of one partition, in order
[ "$(jq -r .raw tx/kafka-pub/rejects | jq .n)" = 6 ]
[ "$(all "$topic-dead" | jq -c .n | sort | tr -d '\n')" = 26 ]
# A record that is too large for the dead letters, too, is cut there.
make_topic "$topic-small" 1 max.message.bytes=2000
csv-tail --state tx-2 large.csv --pipe "$topic-2" | kafka-pub --state tx-2 --pipe "$topic-2" -t "$topic-two" --create-topic partitions=1,max.message.bytes=2000 \
  --dead-letter "$topic-small" 2>large.err
[ "$(all "$topic-two" | jq -c .n | tr -d '\n')" = 457 ]
[ "$(jq -r .raw tx-2/kafka-pub/rejects | jq .n)" = 6 ]
kafka_settled "$topic-small"
kcat -C -b "$KAFKA_BROKERS" -t "$topic-small" -e -q -J | jq -e -s 'length == 1 and (.[0] | .payload | length > 1000 and startswith("{\"n\":6,"))' >/dev/null
show "messages that are too large: rejects and dead letters"

# Where many records come, a transaction begins before the barrier. A refused one among them costs none of the others.
topic=$(fresh early)
make_topic "$topic" 1 max.message.bytes=20000
export WEIR_PIPE=$topic
{ echo n,x; seq -f '%.0f,a value of a reading that is long enough to fill an epoch' 1 150000; } >early.csv
sed -i "1001s|,.*|,$(head -c 30000 /dev/urandom | base64 -w 0)|; 140001s|,.*|,$(head -c 30000 /dev/urandom | base64 -w 0)|" early.csv
mkfifo early.fifo
csv-tail -f --state early --checkpoint-every 1h early.csv 2>early-source.err >early.fifo &
source=$!
kafka-pub --state early -t "$topic" --batch-size 16KiB -X transaction.timeout.ms=20000 2>early.err <early.fifo &
sink=$!
wait_until 60 bash -c "[ \"\$(kcat -b $KAFKA_BROKERS -Q -t $topic:0:-1 | sed 's/.* //')\" -gt 0 ]"
[ "$(kafka-sub -t "$topic" --from start --until end | wc -l)" = 0 ]
# After a quarter of the brokers' time limit it was ended, and its records wait for the barrier. Then the pipeline is killed.
kill -9 $source $sink
{ wait $source $sink || true; } 2>/dev/null
# An epoch of a busy machine takes longer than half a minute.
csv-tail --state early --checkpoint-every 1h early.csv | kafka-pub --state early -t "$topic" --batch-size 16KiB -X transaction.timeout.ms=600000 2>early.err ||
  { cat early.err >&2; exit 1; }
[ "$(all "$topic" | jq -c .n | cmp - <(seq 150000 | sed '1000d;140000d') && echo same)" = same ]
[ "$(jq -r .raw early/kafka-pub/rejects | jq .n | paste -sd ' ')" = '1000 140000' ]
unset WEIR_PIPE
show "a long epoch is sent before its barrier, and again without what the brokers refuse"

# An epoch that is sent as it comes may have more than 32 MiB, but not more than --max-held.
topic=$(fresh held)
make_topic "$topic" 3
{ echo n,x; seq -f '%.0f,a value of a reading that is long enough to fill an epoch with a hundred bytes of each record' 1 350000; } >held.csv
epochs_of() { # SIZE: prints how many epochs there were
  csv-tail --state "held-$1" --pipe "$topic-$1" --checkpoint-every 1h held.csv |
    kafka-pub --state "held-$1" --pipe "$topic-$1" -t "$topic" -X transaction.timeout.ms=600000 --max-held "$1" && cat "held-$1/commit"
}
large=$(epochs_of 256MiB)
[ "$(all "$topic" | wc -l)" = 350000 ]
small=$(epochs_of 8MiB)
echo "kafka: $large epoch with 256 MiB, $small with 8 MiB"
[ "$large" = 1 ]
# How soon the source sees that its epoch is to end depends on the machine.
[ "$small" -ge 2 ]
show "an epoch of $(($(wc -c <held.csv) >> 20)) MiB in one transaction"

# Topics that come from fields are made as they are named. One that the brokers do not make makes its records rejects.
topic=$(fresh made)
printf '{"n":%s,"to":"%s"}\n' 1 a 2 b 3 a | kafka-pub -t "$topic-{to}" --create-topic partitions=2
for to in a b; do kcat -b "$KAFKA_BROKERS" -L -t "$topic-$to" | grep -c '    partition ' | grep -x 2 >/dev/null; done
status=0
echo '{"n":4,"to":"c"}' | kafka-pub -t "$topic-{to}" --create-topic replication=9 2>unmade.err || status=$?
[ $status = 1 ]
grep -q "line 1: the topic $topic-c cannot be made: " unmade.err
show "topics made as they are named"

# A topic that has come between two runs of a pipeline is read from its beginning, whatever --from is.
topic=$(fresh between)
came() { kafka-sub --state came.state -t "^$topic-" --from end --until end | csv-append --state came.state came.csv; }
echo '{"n":1}' | kafka-pub -t "$topic-a"
came
echo '{"n":2}' | kafka-pub -t "$topic-a"
echo '{"n":3}' | kafka-pub -t "$topic-b"
came
[ "$(sort came.csv | tr -d '\n')" = 23n ]
show "a topic that came between two runs"
