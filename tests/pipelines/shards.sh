#!/usr/bin/env bash
# A pipeline as N shards under random kills: its windows in PostgreSQL and in Kafka are, sorted, byte for byte those of one pipe without Kafka.
# A shard that is started a second time elsewhere is fenced. scripts/faults --part shards does it with 2,000,000 records and 32 shards.
# labels: kafka pg
# tools: kafka-pub kafka-sub win-agg sensor-sim pg-load pipe-run
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/kills.sh"
start_kafka
start_postgres
fail() { echo "FAILED: $*" >&2; tail -n 20 "$PARTS/kills.err" >&2; exit 1; }

windows="win-agg --every 1m --watermark key --late drop --by sensor --agg 'count() as n, sum(value) as total, last(value) as latest'"
sensor-sim --sensors 50 --every 1s --count 40000 --seed 5 >readings
eval "$windows --drop-partial" <readings 2>/dev/null | sort >expected
[ "$(wc -l <expected)" -ge 500 ] || fail "only $(wc -l <expected) windows"
input=t$$-readings
kafka-pub -q -t "$input" -k sensor --create-topic partitions=8 readings

cat >windows.pipe <<END
WEIR_STATE=windows.state
kafka-sub -t $input --from start --until end --checkpoint-every 50ms --checkpoint-records 500
  | $windows --drop-partial
  | \$SINK
END
for shards in 1 2 5; do
  for kind in kafka pg; do
    name=t$$-$kind-$shards
    rm -rf windows.state
    case $kind in
      kafka) SINK="kafka-pub -t $name -k sensor --create-topic partitions=3" ;;
      pg) SINK="pg-load --table $name --create --type window_start=text --type window_end=text --type total=numeric --type latest=numeric" ;;
    esac
    sed "s#\\\$SINK#$SINK#" windows.pipe >run.pipe
    export WEIR_PIPE=$name
    run_under_kills $((kills + 8)) "pipe-run --shards $shards --max-restarts 0 --patience 2s run.pipe" || fail "$name"
    case $kind in
      kafka) kafka_settled "$name" && kafka-sub -q -t "$name" --from start --until end | sort >got ;;
      pg) psql -Atc "SELECT row_to_json(t) FROM \"$name\" t" | sort >got ;;
    esac
    cmp got expected || fail "$name: $(wc -l <got) windows, not $(wc -l <expected)"
  done
done

# The same shard elsewhere, without its state: the store knows that it is not the one that has committed.
status=0
WEIR_STATE='' pipe-run --shards 5 --shard 2 --state elsewhere.state --max-restarts 0 <(sed '/^WEIR_STATE/d' run.pipe) 2>other.err || status=$?
[ $status = 3 ] || fail "a shard without its state: exit $status: $(cat other.err)"
# A shard is one of N: with another N its partitions are others.
status=0
pipe-run --shards 4 --max-restarts 0 run.pipe 2>other.err || status=$?
[ $status = 3 ] || fail "with another number of shards: exit $status: $(cat other.err)"
pipe-run --inspect windows.state | jq -r 'select(.stage) | .stage' | sort | tr '\n' ' ' >stages
[ "$(cat stages)" = "$(for k in 1 2 3 4 5; do echo "$k/kafka-sub $k/pg-load $k/win-agg"; done | tr '\n' ' ')" ] || fail "stages: $(cat stages)"

# Up to where all shards are final, asked of PostgreSQL: the watermarks of the last epochs, also where an epoch is full to its last record.
sensor-sim --sensors 20 --every 1s --count 2000 --seed 5 >ticks # to 00:01:39
kafka-pub -q -t "t$$-ticks" -k sensor --create-topic partitions=8 ticks
WEIR_PIPE=ticks pipe-run --shards 3 --state ticks.state -- "kafka-sub -t t$$-ticks --from start --until end --watermark 5s --checkpoint-records 100 | pg-load --table ticks --create"
final=$(psql -XqAt -c "SELECT count(*) || ' ' || extract(epoch FROM min(watermark) - '2026-01-01T00:01:34Z') FROM weir_epoch WHERE pipe LIKE 'ticks.%' AND watermark IS NOT NULL")
[ "$final" = "3 0.000000" ] || fail "watermarks: $final: $(psql -c 'table weir_epoch')"
# The table of an earlier version has no watermark, and serves as it did.
psql -Xq -c 'ALTER TABLE weir_epoch DROP COLUMN watermark'
WEIR_PIPE=again pipe-run --state again.state -- "kafka-sub -t t$$-ticks --from start --until end --watermark 5s | pg-load --table again --create"
[ "$(psql -XqAt -c 'SELECT count(*) FROM again')" = 2000 ] || fail "without a column for the watermark"

# examples/scale: the pipeline whole, and the unit as systemd takes it; the StatefulSet has as many pods as there are shards.
example=$WEIR_SOURCE/examples/scale
unset WEIR_PIPE
sed "s/grid.readings/t$$-grid/" "$example/minutes.pipe" >minutes.pipe
sensor-sim --smart-grid --meters 20 --count 4000 >grid
kafka-pub -q -t "t$$-grid" -k meter --create-topic partitions=8 grid
win-agg --every 1m --watermark key --lateness 30s --late drop --by meter --agg 'avg(kw) as kw, max(kw) as peak, count(kw) as n' --drop-partial grid 2>/dev/null |
  pg-load --table minutes_expected --create
STATE=minutes pipe-run --shards 3 minutes.pipe 2>>"$PARTS/kills.err" &
scaled=$!
parts_pids+=("$scaled")
value() { psql -XqAt -c "$1"; }
all_minutes() { [ "$(value 'select count(*) from minutes')" -ge "$(value 'select count(*) from minutes_expected')" ]; }
wait_until 60 all_minutes || fail "examples/scale: $(value 'select count(*) from minutes')"
kill -TERM "$scaled"
wait "$scaled" || fail "examples/scale: pipe-run ended with $?"
[ "$(value 'select count(*) from ((table minutes except table minutes_expected) union all (table minutes_expected except table minutes)) as a')" = 0 ] || fail "examples/scale: other minutes"
[ "$(value "select string_agg(pipe, ' ' order by pipe) from weir_epoch where pipe like 'minutes.%'")" = "minutes.1 minutes.2 minutes.3" ] || fail "examples/scale: the epochs"
mkdir units
sed "s#/usr/bin/pipe-run#$(command -v pipe-run)#; /^User=/d; /^EnvironmentFile=/d; s/\${SHARDS}/8/" "$example/weir@.service" >units/weir@.service
SYSTEMD_UNIT_PATH=$PWD/units: systemd-analyze verify "$PWD/units/weir@3.service" >verified 2>&1 || fail "weir@.service: $(cat verified)"
pods=$(sed -n 's/^  replicas: \([0-9]*\).*/\1/p' "$example/statefulset.yaml")
grep -qF -- "--shards $pods --shard \$((\${HOSTNAME##*-} + 1))" "$example/statefulset.yaml" || fail "statefulset.yaml: $pods pods"
show "$(wc -l <expected) windows are the same by 1, 2 and 5 shards, in PostgreSQL and Kafka, through $kills kills"
