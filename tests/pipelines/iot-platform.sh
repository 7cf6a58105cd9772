#!/usr/bin/env bash
# examples/iot-platform: what devices publish over MQTT is in Redis, InfluxDB and the lake, each once, while stages of all pipelines are killed.
# DuckDB finds every figure in what was sent, and reads the lake's files as they are.
# labels: mqtt redis influx lake faults
# tools: sensor-sim mqtt-sub mqtt-pub pipe-spool pipe-via pipe-run win-agg redis-load influx-load lake-load
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with pyarrow==26.0.1 duckdb==2.0.1 deltalake==1.6.0)
start_mosquitto "persistence true" "persistence_location $PARTS/mosquitto/" "log_type all"
start_redis
start_influx
fail() { echo "FAILED: $*" >&2; tail -n 5 here/*.log example.err >&2; exit 1; }

# Operators that hear of alerts.
mosquitto_sub -h "$MQTT_HOST" -p "$MQTT_PORT" -V mqttv5 -x 3600 -q 1 -c -i operators -t 'alerts/+/+' -F '%t %p' >heard &
parts_pids+=("$!")
listening() { grep 'alerts/+/+ (QoS' mosquitto/log; }
wait_until 30 listening || fail "nobody listens"

"$WEIR_SOURCE/examples/iot-platform/iot-platform.sh" here >example.out 2>example.err &
example=$!
parts_pids+=("$example")
# kill -9 of any stage, twelve times while the spool of all readings fills.
kills=0
filled() { [ "$(pipe-spool -q --read look here/all 2>/dev/null | wc -l)" -ge $((kills * 350)) ] || ! kill -0 $example 2>/dev/null; }
while [ $kills -lt 12 ] && kill -0 $example 2>/dev/null; do
  wait_until 60 filled || fail "the spool does not fill"
  mapfile -t stages < <(pgrep -P "$(pgrep -d, -P $example -x pipe-run || echo 0)" || true)
  [ ${#stages[@]} -gt 0 ] || continue
  if kill -KILL "${stages[RANDOM % ${#stages[@]}]}" 2>/dev/null; then kills=$((kills + 1)); fi
done
wait $example || fail "the example ended with $?"
[ $kills -ge 5 ] || fail "only $kills kills"

# What the stores have.
ask() { redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --raw "$@"; }
for key in $(ask --scan --pattern 'sensor:*' | sort); do
  rest=${key#sensor:}
  jq -nc --arg device "${rest%:*}" --arg type "${rest##*:}" --argjson hash "$(redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --json hgetall "$key")" \
    --argjson list "$(redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --json lrange "ts:$rest" 0 -1)" \
    --argjson stats "$(redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --json hgetall "stats:$rest")" \
    --arg lives "$(ask pttl "$key") $(ask pttl "ts:$rest")" '{$device, $type, $hash, list: ($list | map(fromjson)), $stats, $lives}'
done >redis.ndjson
for key in $(ask --scan --pattern 'alert:*' | sort); do
  jq -c --argjson lives "$(ask pttl "$key")" --arg key "$key" '. + {$lives, $key, anomaly: (.anomaly | fromjson), location: (.location | fromjson)}' \
    < <(redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --json hgetall "$key")
done >alerts.ndjson
for key in $(ask --scan --pattern 'device:*' | sort); do redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --json hgetall "$key" | jq -c --arg key "$key" '. + {$key}'; done >status.ndjson
ask_influx 'select value, unit, lat, lon, device_id, sensor_type from sensor_readings' iot |
  jq -c '.results[0].series[0].values[] | {time: (.[0] / 1e6), value: .[1], unit: .[2], lat: .[3], lon: .[4], device_id: .[5], sensor_type: .[6]}' >points.ndjson

cat >check.py <<'PYTHON'
import json, math, os
import duckdb
db = duckdb.connect()
db.execute("set timezone = 'UTC'")
def rows(sql): return db.execute(sql).fetchall()
def same(what, got, wanted, digits=9):
    def plain(row): return tuple(float(f"{v:.{digits}g}") if isinstance(v, float) else v for v in row)
    got, wanted = sorted(map(plain, got), key=repr), sorted(map(plain, wanted), key=repr)
    assert len(wanted) > 0, what
    for a, b in zip(got, wanted):
        near = len(a) == len(b) and all(math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-9) if isinstance(x, float) and isinstance(y, float) else x == y for x, y in zip(a, b))
        assert near, (what, "got", a, "wanted", b)
    assert len(got) == len(wanted), (what, len(got), len(wanted))
    print(f"{what}: {len(got)}")

# What was sent, and what can be used of it, by SQL alone.
db.execute("""create table sent as select row_number() over () as id, json->>'device_id' as device, json->>'sensor_type' as kind, (json->>'timestamp')::timestamptz as ts,
  json->>'unit' as unit, json_type(json, '$.value') as type, try_cast(json->>'value' as double) as raw, coalesce(json->>'location', '{}') = '{}' as placeless
  from read_ndjson_objects('here/sent.ndjson') where json->>'sensor_type' is not null""")
db.execute("""create table usable as select *, case when kind = 'humidity' then least(100, greatest(0, raw)) else raw end as value,
  (case when not placeless then 0.5 when device = 'dev-athens' then 37.98 when device = 'dev-london' then 51.51 when device = 'dev-new-york' then 40.71 else 35.68 end)::double as lat,
  (case when not placeless then -0.5 when device = 'dev-athens' then 23.73 when device = 'dev-london' then -0.13 when device = 'dev-new-york' then -74.01 else 139.69 end)::double as lon
  from sent where type <> 'VARCHAR' and case kind when 'temperature' then raw between -50 and 150 when 'pressure' then raw between 800 and 1200 else true end""")
[(n, good)] = rows("select (select count(*) from sent), (select count(*) from usable)")
assert n == 4608 and 4590 < good < 4608, (n, good)

# The lake.
same("raw zone", rows("""select state, dt::text, json->>'device_id', json->>'sensor_type', (json->>'timestamp')::timestamptz::text, try_cast(json->>'value' as double)
  from read_ndjson_objects('here/lake/raw/*/*/*.ndjson', hive_partitioning = true)"""),
  rows("""select case when u.id is null then 'rejected' else 'valid' end, s.ts::date::text, s.device, s.kind, s.ts::text, coalesce(u.value, s.raw)
  from sent s left join usable u using (id)"""))
same("hours", rows("""select device_id, sensor_type, dt::text, hour::timestamptz::text, avg_value, min_value, max_value, std_value, reading_count
  from read_parquet('here/lake/hours/*/*/*.parquet', hive_partitioning = true)"""),
  rows("""select device, kind, date_trunc('hour', ts)::date::text, date_trunc('hour', ts)::text, avg(value), min(value), max(value), stddev(value), count(*)
  from usable group by all"""))
same("patterns", rows("""select device_id, sensor_type, day_of_week, hour_of_day, reading_count, avg_value from read_json('here/patterns.ndjson')"""),
  rows("""select device, kind, isodow(ts), hour(ts), count(*), avg(value) from usable group by all"""))

# InfluxDB.
points = db.execute("create table points as select * from read_json('points.ndjson')")
same("points", rows("select device_id, sensor_type, epoch_ms(time::bigint)::text, value, unit, lat, lon from points"),
  rows("select device, kind, (ts at time zone 'UTC')::text, value, unit, lat, lon from usable"))

# Redis: the newest reading, the last hundred and the statistics of each sensor, and how long they live.
redis = [json.loads(line) for line in open("redis.ndjson")]
same("latest", [(r["device"], r["type"], float(r["hash"]["value"]), r["hash"]["timestamp"], r["hash"]["unit"]) for r in redis],
  rows("select device, kind, arg_max(value, ts), strftime(max(ts) at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'), any_value(unit) from usable group by all"))
same("lists", [(r["device"], r["type"], tuple(float(e["value"]) for e in r["list"])) for r in redis],
  [(d, k, tuple(v)) for d, k, v in rows("select device, kind, list(value order by ts desc)[1:100] from usable group by all")])
same("statistics", [(r["device"], r["type"], int(r["stats"]["count"]), float(r["stats"]["mean"]), float(r["stats"]["std"])) for r in redis],
  rows("select device, kind, count(*), avg(value), stddev(value) from usable group by all"))
assert all(0 < int(life) <= 3_600_000 for r in redis for life in r["lives"].split()), redis[0]["lives"]
same("status", [(s["key"], s["status"], int(s["battery"]), s["timestamp"]) for s in map(json.loads, open("status.ndjson"))],
  rows("""select 'device:' || (json->>'device_id'), arg_max(json->>'status', json->>'timestamp'), arg_max((json->>'battery')::int, json->>'timestamp'), max(json->>'timestamp')
  from read_ndjson_objects('here/sent.ndjson') where json->>'status' is not null group by 1"""))

# Alerts: a reading against the others of the twelve hours that end with it, once later ones have come.
expected = rows("""select * from (select a.device, a.kind, strftime(a.ts at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') as ts, a.value,
    abs(a.value - avg(b.value)) / greatest(0.1, stddev(b.value)) as z, avg(b.value) - 2 * stddev(b.value), avg(b.value) + 2 * stddev(b.value)
  from usable a join usable b on a.device = b.device and a.kind = b.kind and b.ts > a.ts - interval 12 hours and b.ts < a.ts
  group by a.device, a.kind, a.ts, a.value having count(*) >= 12) where z > 3 and ts < (select strftime(max(ts) at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') from usable)""")
alerts = [json.loads(line) for line in open("alerts.ndjson")]
same("alerts", [(a["device_id"], a["sensor_type"], a["timestamp"], float(a["value"]), a["anomaly"]["z_score"], *map(float, a["anomaly"]["expected_range"])) for a in alerts], expected)
assert all(a["key"] == f"alert:{a['device_id']}:{a['sensor_type']}:{a['timestamp']}" and 6.9 * 86_400_000 < a["lives"] <= 7 * 86_400_000 and a["location"]["lat"] for a in alerts)
heard = {}
for line in open("heard"):
    topic, text = line.split(" ", 1)
    heard[json.loads(text)["id"]] = (topic, json.loads(text)["timestamp"])
same("alerts heard", list(heard.values()), [(f"alerts/{device}/{kind}", ts) for device, kind, ts, *_ in expected])
PYTHON
"$python" -c 'import os, sys; exec(open("check.py").read()); sys.stdout.flush(); os._exit(0)' || fail "the figures differ"
grep -q "$(wc -l <here/sent.ndjson | awk '{print $1 - 128}') readings sent" example.out || fail "the example says $(cat example.out)"
echo "iot-platform: through $kills kills"
