#!/usr/bin/env bash
# A shard that goes to another machine: its folder copied, and the disk lost. Lost state ends with 3, never with doubles; --rebuild makes it again from
# Kafka, as long as Kafka has what open windows need and the sink can bear rows twice.
# labels: kafka pg redis
# tools: kafka-pub kafka-sub win-agg sensor-sim pg-load redis-load pipe-run
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_kafka
start_postgres
fail() { echo "FAILED: $*" >&2; exit 1; }
show() { echo "$(basename "$0" .sh): $*"; }
value() { psql -XqAt -c "$1"; }

windows="win-agg --every 1m --watermark key --lateness 5s --late drop --by sensor --agg 'count() as n, sum(value) as total, last(value) as latest' --drop-partial"
sensor-sim --sensors 20 --every 1s --count 24000 --seed 4 >readings # twenty minutes
head -n 13000 readings >first
tail -n +13001 readings >second
eval "$windows" <readings 2>/dev/null | jq -cS . | sort >expected

# first_half NAME SINK: two shards read the first half of the topic, and are stopped with windows open.
first_half() {
  kafka-pub -q -t "t$$-$1" -k sensor --create-topic partitions=4 first
  printf '%s\n' "kafka-sub -t t$$-$1 --from start --watermark 10s --idle 1s --checkpoint-every 50ms \$UNTIL | $windows | $2" >"$1.pipe"
  sed "s/\$UNTIL//" "$1.pipe" >"$1-alive.pipe"
  sed "s/\$UNTIL/--until end/" "$1.pipe" >"$1-end.pipe"
  pipe-run --shards 2 --state "$1.state" --pipe "t$$-$1" --restart-after 20ms "$1-alive.pipe" 2>"$1.err" &
  local running=$!
  parts_pids+=("$running")
  wait_until 60 "half_$3" "$1" || fail "$1: the first half: $(cat "$1.err")"
  kill -TERM "$running"
  wait "$running" || fail "$1: exit $?: $(cat "$1.err")"
  kafka-pub -q -t "t$$-$1" -k sensor second
}
half_pg() { [ "$(value "SELECT count(*) FROM weir_epoch WHERE pipe LIKE 't$$-$1.%' AND watermark >= '2026-01-01T00:10:00Z'" 2>/dev/null)" = 2 ]; }
half_kafka() { for k in 1 2; do [ "$(cat "$1.state/$k/commit" 2>/dev/null || echo 0)" -ge 1 ] || return 1; done; }
to_pg() { echo "pg-load --table $1 --create $2 --type window_start=text --type window_end=text --type total=numeric --type latest=numeric"; }
same() { value "SELECT row_to_json(t) FROM $1 t" | jq -cS . | sort >got; cmp got expected || fail "$1: $(diff got expected | head -n 4)"; }
# shard NAME K OPTIONS…: one shard to the end; its exit status.
shard() {
  local name=$1 number=$2 status=0
  shift 2
  pipe-run --shards 2 --shard "$number" --pipe "t$$-$name" --max-restarts 0 "$@" "$name-end.pipe" 2>"$name-$number.err" || status=$?
  echo "$status"
}

# The folder of shard 2 is copied to another machine, and the shard goes on there.
first_half moved "$(to_pg moved '')" pg
mkdir machine
mv moved.state/2 machine/2
[ "$(shard moved 1 --state moved.state)" = 0 ] || fail "moved, shard 1: $(cat moved-1.err)"
[ "$(cd machine && ln -s ../moved-end.pipe . && shard moved 2 --state "$PWD")" = 0 ] || fail "moved, shard 2: $(cat machine/moved-2.err)"
same moved
show "a shard whose folder was copied goes on elsewhere"

# Without the folder it ends with 3, and the store has no row more than before.
upsert='--upsert window_start,sensor'
first_half lost "$(to_pg lost "$upsert")" pg
rm -r lost.state/1
before=$(value 'SELECT count(*) FROM lost')
[ "$(shard lost 1 --state lost.state)" = 3 ] || fail "lost: $(cat lost-1.err)"
grep 'is not there, and the sink has committed that epoch' lost-1.err >/dev/null || fail "lost: $(cat lost-1.err)"
[ "$(value 'SELECT count(*) FROM lost')" = "$before" ] || fail "lost: other rows"
# With --rebuild it is made again; the other shard has its state, and nothing is rebuilt there.
[ "$(shard lost 1 --state lost.state --rebuild)" = 0 ] || fail "rebuild: $(cat lost-1.err)"
grep 'it is made again from the source' lost-1.err >/dev/null || fail "rebuild: $(cat lost-1.err)"
[ "$(shard lost 2 --state lost.state --rebuild)" = 0 ] || fail "rebuild, shard 2: $(cat lost-2.err)"
grep 'nothing to rebuild' lost-2.err >/dev/null || fail "rebuild, shard 2: $(cat lost-2.err)"
same lost
show "a shard without its folder ends with 3, and is made again with --rebuild"

# Kafka has removed messages meanwhile: rows that were final stay, and open windows need what is still there.
first_half short "$(to_pg short "$upsert")" pg
remove() { # OFFSET: of each partition
  jq -nc --arg topic "t$$-short" --argjson offset "$1" '{version: 1, partitions: [range(4) | {topic: $topic, partition: ., offset: $offset}]}' >offsets.json
  run_java org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$KAFKA_BROKERS" --offset-json-file offsets.json >removed 2>&1 || fail "$(cat removed)"
}
remove 600
rm -r short.state/1
[ "$(shard short 1 --state short.state --rebuild)" = 0 ] || fail "after retention: $(cat short-1.err)"
grep 'row.* left out, whose window was final' short-1.err >/dev/null || fail "after retention: $(cat short-1.err)"
[ "$(shard short 2 --state short.state)" = 0 ] || fail "after retention, shard 2: $(cat short-2.err)"
same short
first_half gone "$(to_pg gone "$upsert")" pg
# Four fifths of each partition; of the other shard's all.
kafka-sub -q -t "t$$-gone" --from start --until end --meta partition,offset |
  jq -sc --arg topic "t$$-gone" '{version: 1, partitions: [group_by(.partition)[] | {topic: $topic, partition: .[0].partition,
    offset: (if .[0].partition % 2 == 0 then (.[-1].offset * 0.8 | floor) else -1 end)}]}' >offsets.json
run_java org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$KAFKA_BROKERS" --offset-json-file offsets.json >removed 2>&1 || fail "$(cat removed)"
rm -r gone.state/1
[ "$(shard gone 1 --state gone.state --rebuild)" = 3 ] || fail "too much is gone: $(cat gone-1.err)"
grep 'messages that open windows need are gone' gone-1.err >/dev/null || fail "too much is gone: $(cat gone-1.err)"
rm -r gone.state/2
[ "$(shard gone 2 --state gone.state --rebuild)" = 3 ] || fail "all is gone: $(cat gone-2.err)"
grep 'all messages are gone' gone-2.err >/dev/null || fail "all is gone: $(cat gone-2.err)"
show "--rebuild after retention: rows that were final stay; where open windows need what is gone it ends with 3"

# A sink that would have rows twice refuses.
first_half twice "kafka-pub -t t$$-out -k sensor --create-topic partitions=2" kafka
rm -r twice.state/1
[ "$(shard twice 1 --state twice.state --rebuild)" = 3 ] || fail "kafka-pub: $(cat twice-1.err)"
grep 'this sink would have its records twice' twice-1.err >/dev/null || fail "kafka-pub: $(cat twice-1.err)"
grep 'start over with another topic and another --pipe' twice-1.err >/dev/null || fail "kafka-pub does not say what to do: $(cat twice-1.err)"
show "kafka-pub refuses to be rebuilt"

# Values that are set in Redis come out the same; a list would have rows twice.
start_redis
first_half set "redis-load --hset 't$$:{sensor}:{window_start}' n,total,latest" kafka
rm -r set.state/1
[ "$(shard set 1 --state set.state)" = 3 ] || fail "redis-load: $(cat set-1.err)"
[ "$(shard set 1 --state set.state --rebuild)" = 0 ] || fail "redis-load: $(cat set-1.err)"
[ "$(shard set 2 --state set.state)" = 0 ] || fail "redis-load, shard 2: $(cat set-2.err)"
jq -r --arg test "t$$" '"HMGET \($test):\(.sensor):\(.window_start) n total latest"' expected | ask_redis | jq . >got
jq '.n, .total, .latest' expected | diff - got >/dev/null || fail "redis-load: $(jq '.n, .total, .latest' expected | diff - got | head -n 4)"
[ "$(ask_redis --scan --pattern "t$$:*" | wc -l)" = "$(wc -l <expected)" ] || fail "redis-load: $(ask_redis --scan --pattern "t$$:*" | wc -l) keys"
first_half list "redis-load --hset 't$$:{sensor}' n --lpush 'list:{sensor}'" kafka
rm -r list.state/1
[ "$(shard list 1 --state list.state --rebuild)" = 3 ] || fail "a list: $(cat list-1.err)"
grep -e "--lpush would add again what is there: .* its key weir:epoch:t$$-list.1, and start over" list-1.err >/dev/null || fail "a list: $(cat list-1.err)"
show "redis-load is made again where it sets values, and not where it adds"
