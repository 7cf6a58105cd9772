#!/usr/bin/env bash
# Two stages with different keys, N and M shards, through a topic with watermarks in every partition: the rows of one pipe without Kafka, under random
# kills. The second stage closes its windows by the watermarks of the first, though it is elsewhere, and nothing is late there. Then the parts of
# one window from all shards, merged. scripts/faults --part shards does it with more.
# labels: kafka pg
# tools: kafka-pub kafka-sub win-agg pg-load pipe-run pipe-health
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/kills.sh"
start_kafka
start_postgres
fail() { echo "FAILED: $*" >&2; tail -n 20 "$PARTS/kills.err" >&2; exit 1; }
value() { psql -XqAt -c "$1"; }

# Records up to five seconds out of order, some so late that they are left out, and a sensor that falls silent.
python3 - >readings <<'END'
import json, random
from datetime import datetime, timedelta, timezone
random.seed(9)
at = datetime(2026, 1, 1, tzinfo=timezone.utc)
for i in range(12000):
    at += timedelta(milliseconds=random.randint(20, 80))
    sensor = random.randint(0, 29)
    if sensor == 7 and i > 4000:
        continue
    back = random.choice([0, 0, 0, random.random() * 5, random.random() * 20 if random.random() < 0.1 else 0])
    print(json.dumps({"timestamp": (at - timedelta(seconds=back)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z", "sensor": f"s{sensor}",
                      "room": f"r{sensor % 5}", "v": round(random.gauss(20, 9), 3)}))
END
first="win-agg --every 10s --watermark key --lateness 2s --late drop --by room,sensor --agg 'sum(v) as total, count(v) as n'"
second="--every 1m --by room --agg 'sum(total) as total, sum(n) as n, count() as parts, max(total) as top'"
eval "$first" <readings 2>dropped | eval "win-agg $second" --watermark input | jq -cS 'del(.partial)' | sort >expected
grep 'late records' dropped >/dev/null || fail "no record was late: $(cat dropped)"
input=t$$-readings middle=t$$-middle
kafka-pub -q -t "$input" -k sensor --create-topic partitions=6 readings

cat >sensors.pipe <<END
WEIR_PIPE=t$$-sensors
kafka-sub -t $input --from start --until end --watermark 30s --idle 1s --checkpoint-every 50ms --checkpoint-records 300
  | $first
  | kafka-pub -t $middle -k room --create-topic partitions=4 --watermarks
END
cat >rooms.pipe <<END
WEIR_PIPE=t$$-rooms
kafka-sub -t $middle --from start --producers 3 --checkpoint-every 50ms \$UNTIL
  | win-agg --watermark input $second
  | pg-load --table rooms --create --type window_start=text --type window_end=text --type total=numeric --type top=numeric
END
sed "s/\$UNTIL//" rooms.pipe >rooms-alive.pipe
sed "s/\$UNTIL/--until end/" rooms.pipe >rooms-end.pipe

# The second stage runs all the while, and is killed, too.
(
  for ((start = 0; ; start++)); do
    status=0
    setsid pipe-run --shards 2 --state rooms.state --restart-after 20ms --patience 60s rooms-alive.pipe 2>>rooms.err &
    runner=$!
    if ((start < 4)); then
      sleep "$((1 + start)).$((RANDOM % 10))"
      kill -KILL "$runner"
      wait "$runner" || continue
    fi
    until [ -e stop ] && [ -n "$(ps -o pid= --ppid "$runner")" ] || ! kill -0 "$runner" 2>/dev/null; do sleep 0.1; done
    kill -TERM "$runner" 2>/dev/null || status=1 # it has ended by itself
    wait "$runner" || status=$?
    exit "$status"
  done
) &
rooms=$!
parts_pids+=("$rooms")
run_under_kills 12 "pipe-run --shards 3 --state sensors.state --max-restarts 0 --patience 2s sensors.pipe" || fail sensors
first_kills=$kills

# All shards of the second stage are final up to where the first stage's watermarks end: the query of weir-scale(7).
query=$(sed -n '/SELECT min(watermark)/,/"$/ {s/^[$] psql -Atc "//; s/^> *//; s/"$//; p}' "$WEIR_SOURCE/man/weir-scale.7.scd" |
  sed "s/'minutes.'/'t$$-rooms.'/; s/= 8/= 2/g")
[[ $query == 'SELECT min(watermark)'*'= 2' ]] || fail "the page has another query: $query"
reaches() { [ "$(value "SELECT final_until >= '2026-01-01T00:08:00Z' FROM ($query) AS shards")" = t ]; }
wait_until 60 reaches || fail "final until: $(value "$query"), $(value 'SELECT pipe, watermark FROM weir_epoch'); $(tail -n 5 rooms.err)"
final=$(value "$query")
touch stop
wait "$rooms" || fail "the second stage ended with $?: $(tail -n 5 rooms.err)"
value "SELECT row_to_json(t)::jsonb - 'partial' FROM rooms t WHERE window_end::timestamptz <= '$final' AND NOT partial" | jq -cS . | sort >got
jq -c --arg final "$(date -u -d "$final" +%FT%TZ)" 'select(.window_end <= $final)' expected >expected_final
[ "$(wc -l <expected_final)" -ge 30 ] || fail "only $(wc -l <expected_final) windows are final at $final"
cmp got expected_final || fail "final at $final: $(diff got expected_final | head -n 4)"
pipe-health --check "rooms=postgres://$PGUSER@127.0.0.1:$PGPORT/postgres?pipe=t$$-rooms" --check sensors=state:sensors.state >health || fail "pipe-health: $(cat health)"
[ "$(jq -r 'select(.name == "rooms") | "\(.shards) \(.slowest != null) \(.lag_s > 0)"' health)" = "2 true true" ] || fail "pipe-health: $(cat health)"
[ "$(jq -r 'select(.name == "sensors") | "\(.shards) \(.slowest >= 1 and .slowest <= 3)"' health)" = "3 true" ] || fail "pipe-health: $(cat health)"

# And to the end.
pipe-run --shards 2 --state rooms.state rooms-end.pipe 2>>rooms.err || fail "to the end: $(tail -n 5 rooms.err)"
value "SELECT row_to_json(t)::jsonb - 'partial' FROM rooms t" | jq -cS . | sort >got
cmp got expected || fail "to the end: $(diff got expected | head -n 4)"
! grep -E 'late records?' rooms.err || fail "late in the second stage"
# Readers that do not know of watermarks pass over them.
kafka_settled "$middle"
kafka-sub -q -t "$middle" --from start --until end --rejects none >rows
! grep '@ctl' rows >/dev/null || fail "watermarks among the rows"
[ ! -s none ] || fail "rejects: $(head -n 1 none)"
[ "$(wc -l <rows)" = "$(jq -s 'map(.parts) | add' expected)" ] || fail "$(wc -l <rows) rows between the stages"
show "$(wc -l <expected) windows by another key are the same, $(wc -l <expected_final) of them final before the end, through $first_kills kills"

# One result over all keys: each shard writes the parts of its windows, one process merges them.
merged="--every 1m --agg 'sum(v) as total, stddev(v) as spread, p90(v), count() as n'"
eval "win-agg $merged" --lateness 20s <readings | jq -cS 'del(.partial)' >expected
cat >parts.pipe <<END
WEIR_PIPE=t$$-parts
kafka-sub -t $input --from start --until end --watermark 20s --idle 1s --checkpoint-records 1000
  | win-agg --partial --watermark input --watermarks $merged
  | kafka-pub -t t$$-parts --create-topic partitions=1 --watermarks
END
cat >merge.pipe <<END
kafka-sub -t t$$-parts --from start --until end --producers 4 | win-agg --merge --watermark input $merged
END
pipe-run --shards 4 --state parts.state parts.pipe 2>parts.err || fail "parts: $(cat parts.err)"
kafka_settled "t$$-parts"
WEIR_STATE='' pipe-run merge.pipe 2>merge.err | grep -v @ctl >got || fail "merge: $(cat merge.err)"
cmp <(jq -cS 'del(.partial)' got) expected || fail "merged: $(diff <(jq -cS 'del(.partial)' got) expected | head -n 4)"
[ "$(jq -r 'select(.partial | not) | .window_end' got | wc -l)" -ge 5 ] || fail "no window was closed by the watermarks: $(cat got)"
show "$(wc -l <expected) windows are merged from four shards"
