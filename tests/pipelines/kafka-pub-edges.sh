#!/usr/bin/env bash
# What kafka-pub does at the edges, on a broker that makes no topics by itself: topics that are missing, batches and records that are too
# large, dead letters, a connection that breaks while a transaction is ended, codecs, acknowledgements.
# labels: kafka
# tools: kafka-pub kafka-sub csv-tail
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
cut=$(free_port) inner=$(free_port)
make_kafka no 1 auto.create.topics.enable=false
properties=$PARTS/kafka/1/server.properties
# Clients of the listener CUT go through a stand-in that cuts connections.
sed -i -e "/^listeners=/s/\$/,CUT:\/\/127.0.0.1:$inner/; /^advertised.listeners=/s/\$/,CUT:\/\/127.0.0.1:$cut/" \
  -e '/^listener.security.protocol.map=/s/$/,CUT:PLAINTEXT/' "$properties"
run_kafka 1
wait_until 60 kafka_answers 1 || { cat "$PARTS/kafka/1/log" >&2; exit 1; }
show() { echo "kafka-pub-edges: $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
all() { kafka_settled "$1" && kafka-sub -t "$1" --until end --from start "${@:2}"; }
made() { kafka-pub -q -t "$1" --create-topic "partitions=${2:-1}${3:+,$3}" </dev/null; }
ns() { all "$1" | jq -c .n | paste -sd ' '; }
# status COMMAND…: prints its exit status.
status() { local got=0; "$@" >/dev/null || got=$?; echo "$got"; }

# Topics that are missing take half a minute to be sure of, so these run beside the rest.
made there
made dead
made dead-tx
made small 1 max.message.bytes=2000
printf '{"n":%s,"t":"%s"}\n' 1 there 2 away 3 there >mixed.ndjson
printf '%s\n' n,t 1,there 2,away 3,there >mixed.csv
made tx
sed 's/there/tx/' mixed.csv >tx.csv
mkfifo tx.fifo
{ echo n,x; echo "1,$(head -c 5000 /dev/urandom | base64 -w 0)"; echo 2,x; } >large.csv
run_group "kafka-pub -t '{t}' --dead-letter dead mixed.ndjson 2>away.err; echo \$? >away.status"
run_group "exec csv-tail -f --state tx.state --pipe tx --checkpoint-every 200ms tx.csv 2>tx-source.err >tx.fifo"
tx_source=$!
run_group "exec kafka-pub --state tx.state --pipe tx -t '{t}' --dead-letter dead-tx 2>tx.err <tx.fifo"
tx=$!
run_group "set -o pipefail
  csv-tail --state nowhere.state --pipe nowhere large.csv | kafka-pub --state nowhere.state --pipe nowhere -t small --dead-letter nowhere 2>nowhere.err
  echo \$? >nowhere.status"
run_group "echo '{\"n\":1}' | kafka-pub -t never --dead-letter nowhere 2>never.err; echo \$? >never.status"

# Batches are no larger than the topic takes, with default settings: what fits arrives, in its order, and one record is refused.
seq -f '{"n":%.0f,"k":"narrow","x":"a reading that is long enough for some batches"}' 1 20000 >many
sed -i "7000s|a reading|$(head -c 3000 /dev/urandom | base64 -w 0)|" many
made narrow 1 max.message.bytes=3000
made narrow-dead
[ "$(status kafka-pub -t narrow --dead-letter narrow-dead many 2>narrow.err)" = 1 ] || fail "$(cat narrow.err)"
[ "$(grep -c refuses narrow.err)" = 1 ] && grep -F 'line 7000: Kafka refuses it: Broker: Message size too large' narrow.err >/dev/null
all narrow | jq -c .n | cmp - <(seq 20000 | sed 7000d)
[ "$(ns narrow-dead)" = 7000 ]
# So where fields name the topics, of which only some are narrow, and --linger makes batches wait.
made of-narrow 1 max.message.bytes=100000
made of-wide
jq -c '.k = (if .n % 10 == 0 then "wide" else "narrow" end)' many >both
[ "$(status kafka-pub -t 'of-{k}' --linger 200ms both 2>of.err)" = 0 ] || fail "$(cat of.err)"
all of-narrow | jq -c .n | cmp - <(seq 20000 | sed '0~10d')
all of-wide | jq -c .n | cmp - <(seq 10 10 20000)
# In transactions, too.
jq -r '[.n, .k, .x] | @csv' many | sed '1in,k,x' >many.csv
csv-tail --state narrow.state --pipe narrow many.csv | kafka-pub --state narrow.state --pipe narrow -t narrow-tx --create-topic partitions=1,max.message.bytes=3000 2>narrow.err
all narrow-tx | jq -c .n | cmp - <(seq 20000 | sed 7000d)
csv-tail --state of.state --pipe of many.csv | kafka-pub --state of.state --pipe of -t 'tx-{k}' --create-topic partitions=1,max.message.bytes=100000 2>of.err
all tx-narrow | jq -c .n | cmp - <(seq 20000)
show "batches that a topic takes: 20,000 records in order, one of them refused"

# A limit that shrinks during a run ends it: which message of a batch is to blame is not told. The next run goes by the new one.
made shrinks
mkfifo shrinks.fifo
run_group "exec kafka-pub -t shrinks -k n shrinks.fifo 2>shrinks.err"
sender=$!
exec 3>shrinks.fifo
head -100 many >&3
wait_until 30 bash -c '[ "$(kafka-sub -t shrinks --until end --from start | wc -l)" = 100 ]'
/usr/bin/python3 - "$KAFKA_BROKERS" <<'PYTHON'
import sys
from confluent_kafka.admin import AdminClient, ConfigResource
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
for answer in admin.alter_configs([ConfigResource("topic", "shrinks", {"max.message.bytes": "3000"})]).values():
    answer.result(30)
PYTHON
sed -n '101,6000p' many >&3 || true
exec 3>&-
got=0
wait $sender || got=$?
[ $got = 1 ]
grep -F 'the topic shrinks takes no batch of 921600 bytes: give --batch-size less than max.message.bytes of the topic' shrinks.err >/dev/null || fail "$(cat shrinks.err)"
sed -n '101,6000p' many | kafka-pub -t shrinks -k n
[ "$(all shrinks | wc -l)" = 6000 ]
show "a limit that shrinks during a run"

# A record that is too large for the dead letters, too, is cut in its letter, which tells its length.
{ printf '{"n":1,"x":"%s"}\n' "$(head -c 1100000 /dev/zero | tr '\0' x)"; echo '{"n":2}'; } >huge.ndjson
made huge
[ "$(status kafka-pub -t huge --dead-letter huge-dead --create-topic partitions=2,max.message.bytes=3000 --max-line 4M huge.ndjson 2>huge.err)" = 1 ]
[ "$(ns huge)" = 2 ]
kcat -b "$KAFKA_BROKERS" -L -t huge-dead | grep -c '    partition ' | grep -x 2 >/dev/null # made with the others
kcat -C -b "$KAFKA_BROKERS" -t huge-dead -e -q -J | jq -e -s 'length == 1 and (.[0] | (.headers | index("weir-length") as $at | .[$at + 1] == "1100014")
  and (.payload | length > 900000 and startswith("{\"n\":1,\"x\":\"xxx")))' >/dev/null
[ "$(grep -c 'does not take a record either' huge.err)" = 0 ]
# What the topic of the letters refuses altogether, as a compacted one does without a key, stops nothing.
made dead-compact 1 cleanup.policy=compact
made small-too 1 max.message.bytes=2000
csv-tail --state compact.state --pipe compact large.csv | kafka-pub --state compact.state --pipe compact -t small-too --dead-letter dead-compact 2>compact.err
[ "$(ns small-too)" = 2 ]
[ "$(jq -r .raw compact.state/kafka-pub/rejects | jq .n)" = 1 ]
grep -F -- '--dead-letter dead-compact does not take a record either' compact.err >/dev/null || fail "$(cat compact.err)"
show "a letter is cut to what its topic takes; one that is refused is reported"

# Codecs: the broker keeps what it was sent. One replica acknowledges.
data=$WEIR_SOURCE/examples/data/readings.ndjson
for codec in none gzip lz4 snappy zstd; do
  kafka-pub -q -t "by-$codec" --create-topic partitions=1 --compression $codec "$data"
  cmp <(all "by-$codec") "$data"
done
run_java org.apache.kafka.tools.DumpLogSegments --files "$(printf "$PARTS/kafka/1/data/by-%s-0/00000000000000000000.log," none gzip lz4 snappy zstd)" |
  grep -o 'by-[a-z0-9]*\|compresscodec: [a-z0-9]*' | uniq | paste -sd ' ' >codecs
grep -x 'by-none compresscodec: none by-gzip compresscodec: gzip by-lz4 compresscodec: lz4 by-snappy compresscodec: snappy by-zstd compresscodec: zstd' codecs >/dev/null ||
  fail "$(cat codecs)"
kafka-pub -q -t acks-1 --create-topic partitions=1 --acks 1 "$data"
cmp <(all acks-1) "$data"
show "each codec is what the broker keeps; --acks 1"

# A connection that breaks while a transaction is aborted: the request may have been sent twice, so this producer begins no other one.
/usr/bin/python3 "$WEIR_SOURCE/tests/support/kafka_cutter.py" "$cut" "$inner" 1 >cuts &
parts_pids+=("$!")
wait_until 30 bash -c "exec 3<>/dev/tcp/127.0.0.1/$cut" 2>/dev/null
made cut 1 max.message.bytes=2000
broken() {
  csv-tail --state cut.state --pipe cut large.csv 2>cut-source.err |
    kafka-pub -b "127.0.0.1:$cut" --state cut.state --pipe cut -t cut --dead-letter dead 2>cut.err
}
[ "$(status broken)" = 1 ]
[ "$(cat cuts)" = cut ]
grep -F 'a connection broke while the last transaction was ended' cut.err >/dev/null || fail "$(cat cut.err)"
[ -z "$(ns cut)" ]
broken
[ "$(ns cut)" = 2 ]
[ "$(jq -r .raw cut.state/kafka-pub/rejects | jq .n)" = 1 ]
show "a producer whose abort may have been sent twice begins no transaction"

# What the missing topics have come to.
wait_until 60 test -s tx.state/kafka-pub/rejects
made away
echo 4,away >>tx.csv
wait_until 60 bash -c "[ \"\$(kafka-sub -t away --until end --from start | jq -c .n)\" = 4 ]"
kill -TERM $tx_source
wait $tx_source $tx
[ "$(ns tx)" = '1 3' ]
[ "$(jq -r .raw tx.state/kafka-pub/rejects | jq .n)" = 2 ]
grep -F 'Kafka refuses it: the brokers have no topic away' tx.state/kafka-pub/rejects >/dev/null
[ "$(all dead-tx --meta headers | jq -c '[.n, .headers["weir-topic"]]')" = '[2,"away"]' ]
wait_until 60 test -s away.status
[ "$(cat away.status)" = 1 ]
grep -F 'line 2: Kafka refuses it: the brokers have no topic away' away.err >/dev/null || fail "$(cat away.err)"
[ "$(ns there)" = '1 3' ]
[ "$(all dead --meta headers | jq -c 'select(.n == 2) | .headers["weir-topic"]')" = '"away"' ]
show "a topic that is missing: a reject that names it, a dead letter; once it is made, records go there"
wait_until 60 test -s nowhere.status
[ "$(cat nowhere.status)" = 0 ] || fail "$(cat nowhere.err)"
[ "$(ns small)" = 2 ]
grep -F -- '--dead-letter nowhere does not take a record either: the brokers have no topic nowhere' nowhere.err >/dev/null || fail "$(cat nowhere.err)"
wait_until 60 test -s never.status
[ "$(cat never.status)" = 1 ]
grep -F -- '--dead-letter nowhere does not take a record either: the brokers have no topic nowhere' never.err >/dev/null || fail "$(cat never.err)"
show "dead letters without a topic are reported, and stop nothing"
