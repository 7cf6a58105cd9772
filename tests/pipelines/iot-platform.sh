#!/usr/bin/env bash
# examples/iot-platform: what a gateway makes of the readings of devices, and what it sends, is in Redis, InfluxDB and the lake, each reading
# once, while stages of all pipelines are killed. numpy and scipy find the same marks at the gateway, DuckDB and Python every figure of the
# stores in what was to be sent. DuckDB reads the lake's files as they are.
# labels: mqtt redis influx lake faults numpy
# tools: sensor-sim anomaly-score edge-filter mqtt-sub mqtt-pub rec-dedup rec-enrich rec-clean pipe-spool pipe-run win-agg redis-load influx-load lake-load dash-serve pipe-health
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
# kill -9 of any stage, twelve times while the spools of the gateway and of the hub fill.
kills=0
spooled() { { pipe-spool -q --read look here/edge; pipe-spool -q --read look here/all; } 2>/dev/null | wc -l; }
while [ $kills -lt 12 ] && kill -0 $example 2>/dev/null; do
  if [ "$(spooled)" -lt $((kills * 400)) ]; then sleep 0.3; continue; fi
  mapfile -t stages < <(pgrep -P "$(pgrep -d, -P $example -x pipe-run || echo 0)" || true)
  [ ${#stages[@]} -gt 0 ] || { sleep 0.1; continue; }
  if kill -KILL "${stages[RANDOM % ${#stages[@]}]}" 2>/dev/null; then kills=$((kills + 1)); fi
done
wait $example || fail "the example ended with $?"
[ $kills -ge 5 ] || fail "only $kills kills"

# The gateway.
pipe-spool -q --read look here/edge >edge.ndjson
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/edge-gateway" here/sent.ndjson here/models edge.ndjson here/edge-rejects.ndjson \
  transmitted.ndjson || fail "the gateway has other marks"

# The broker gives the operators what came before this, too.
mosquitto_pub -h "$MQTT_HOST" -p "$MQTT_PORT" -q 1 -t alerts/all/told -m '{}'
all_told() { grep '^alerts/all/told ' heard; }
wait_until 60 all_told || fail "the operators hear nothing"
sed -i '/^alerts\/all\/told /d' heard

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
  jq -c --argjson lives "$(ask pttl "$key")" --arg key "$key" '. + {$lives, $key}' \
    < <(redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --json hgetall "$key")
done >alerts.ndjson
for key in $(ask --scan --pattern 'device:*' | sort); do redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --json hgetall "$key" | jq -c --arg key "$key" '. + {$key}'; done >status.ndjson
ask_influx 'select value, unit, lat, lon, device_id, sensor_type, processed_value, quality_score, anomaly_score, score from sensor_readings' iot |
  jq -c '.results[0].series[0] | .columns as $names | .values[] | [$names, .] | transpose | map({(.[0]): .[1]}) | add | .time /= 1e6' >points.ndjson

cat >check.py <<'PYTHON'
import datetime, json, math, os, statistics
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

# What the gateway was to send, and what can be used of it, by SQL alone.
db.execute("""create table sent as select row_number() over () as id, json->>'device_id' as device, json->>'sensor_type' as kind, (json->>'timestamp')::timestamptz as ts,
  json->>'unit' as unit, (json->>'value')::double as raw, (json->>'processed_value')::double as processed, (json->>'quality_score')::double as quality,
  (json->>'anomaly_score')::double as anomaly, coalesce(json->>'location', '{}') = '{}' as placeless
  from read_ndjson_objects('transmitted.ndjson')""")
db.execute("""create table usable as select *, case when kind = 'humidity' then least(100, greatest(0, raw)) else raw end as value,
  case when placeless then home_lat else own_lat end as lat, case when placeless then home_lon else own_lon end as lon
  from sent join (values ('dev-athens', 37.98::double, 23.73::double, 38.02::double, 23.75::double), ('dev-london', 51.51, -0.13, 51.48, -0.1), ('dev-new-york', 40.71, -74.01, 40.68, -73.95),
    ('dev-tokyo', 35.68, 139.69, 35.7, 139.75)) as places(device, home_lat, home_lon, own_lat, own_lon) using (device)
  where case kind when 'temperature' then raw between -50 and 150 when 'pressure' then raw between 800 and 1200 else true end""")
[(n, good)] = rows("select (select count(*) from sent), (select count(*) from usable)")
assert 1000 < good < n, (n, good)

# The lake.
same("raw zone", rows("""select valid::boolean, dt::text, json->>'device_id', json->>'sensor_type', (json->>'timestamp')::timestamptz::text, try_cast(json->>'value' as double)
  from read_ndjson_objects('here/lake/raw/*/*/*.ndjson', hive_partitioning = true)"""),
  rows("""select u.id is not null, s.ts::date::text, s.device, s.kind, s.ts::text, coalesce(u.value, s.raw)
  from sent s left join usable u using (id)"""))
same("hours", rows("""select device_id, sensor_type, dt::text, hour::timestamptz::text, avg_value, min_value, max_value, std_value, reading_count
  from read_parquet('here/lake/hours/*/*/*.parquet', hive_partitioning = true)"""),
  rows("""select device, kind, date_trunc('hour', ts)::date::text, date_trunc('hour', ts)::text, avg(value), min(value), max(value), stddev(value), count(*)
  from usable group by all"""))
same("patterns", rows("""select device_id, sensor_type, day_of_week, hour_of_day, reading_count, avg_value from read_json('here/patterns.ndjson')"""),
  rows("""select device, kind, isodow(ts), hour(ts), count(*), avg(value) from usable group by all"""))

# InfluxDB.
points = db.execute("create table points as select * from read_json('points.ndjson')")
same("points", rows("select device_id, sensor_type, epoch_ms(time::bigint)::text, value, unit, lat, lon, processed_value, quality_score, anomaly_score from points"),
  rows("select device, kind, (ts at time zone 'UTC')::text, value, unit, lat, lon, processed, quality, anomaly from usable"))

# Redis: the newest reading, the last hundred and the statistics of each sensor, and how long they live.
redis = [json.loads(line) for line in open("redis.ndjson")]
same("latest", [(r["device"], r["type"], float(r["hash"]["value"]), r["hash"]["timestamp"], r["hash"]["unit"]) for r in redis],
  rows("select device, kind, arg_max(value, ts), strftime(max(ts) at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'), any_value(unit) from usable group by all"))
same("lists", [(r["device"], r["type"], tuple(float(e["value"]) for e in r["list"])) for r in redis],
  [(d, k, tuple(v)) for d, k, v in rows("select device, kind, list(value order by ts desc)[1:100] from usable group by all")])
assert all(0 < int(life) <= 3_600_000 for r in redis for life in r["lives"].split()), redis[0]["lives"]
same("status", [(s["key"], s["status"], int(s["battery"]), s["timestamp"]) for s in map(json.loads, open("status.ndjson"))],
  rows("""select 'device:' || (json->>'device_id'), arg_max(json->>'status', json->>'timestamp'), arg_max((json->>'battery')::int, json->>'timestamp'), max(json->>'timestamp')
  from read_ndjson_objects('here/sent.ndjson') where json->>'status' is not null group by 1"""))

# A reading against the mean and deviation of all usual ones of its sensor before it, from the 21st on; more than three deviations is an alert,
# and is not learned.
expected, scores, known = [], [], {}
for device, kind, ts, value in rows("select device, kind, strftime(ts at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ') as moment, value from usable order by moment, id"):
  learned, strange = known.setdefault((device, kind), ([], [0]))
  z = None
  if len(learned) >= 20:
    mean, deviation = statistics.fmean(learned), max(statistics.pstdev(learned), 0.1)
    z = abs(value - mean) / deviation
    scores.append((device, kind, ts, z / 3 / (1 + z / 3)))
    if z >= 3: expected.append((device, kind, ts, value, z, mean - 2 * deviation, mean + 2 * deviation))
  else: scores.append((device, kind, ts, None))
  strange[0] = strange[0] + 1 if z is not None and z > 3 else 0
  assert strange[0] < 50, "the model does not learn again"
  if strange[0] == 0: learned.append(value)
def near(what, got, wanted, tolerance):
  got, wanted = sorted(got, key=repr), sorted(wanted, key=repr)
  assert len(got) == len(wanted) > 0, (what, len(got), len(wanted))
  for a, b in zip(got, wanted):
    assert len(a) == len(b) and all(math.isclose(x, y, rel_tol=tolerance, abs_tol=tolerance) if isinstance(y, float) and x is not None else x == y for x, y in zip(a, b)), (what, a, b)
  print(f"{what}: {len(got)}")
near("statistics", [(r["device"], r["type"], int(r["stats"]["count"]), float(r["stats"]["mean"]), float(r["stats"]["std"])) for r in redis],
  [(*key, len(learned), statistics.fmean(learned), statistics.pstdev(learned)) for key, (learned, _) in known.items()], 1e-4)
near("scores", rows("select device_id, sensor_type, strftime(epoch_ms(time::bigint), '%Y-%m-%dT%H:%M:%SZ'), score from points"), scores, 1.5e-4)
alerts = [json.loads(line) for line in open("alerts.ndjson")]
near("alerts", [(a["device_id"], a["sensor_type"], a["timestamp"], float(a["value"]), float(a["z_score"]), float(a["expected_low"]), float(a["expected_high"])) for a in alerts], expected, 2e-3)
assert all(a["key"] == f"alert:{a['device_id']}:{a['sensor_type']}:{a['timestamp']}" and 6.9 * 86_400_000 < a["lives"] <= 7 * 86_400_000 and a["type"] == "statistical_anomaly" and float(a["lat"]) for a in alerts)

# The average of an hour by time: each value holds until the next one, and the one before the hour from its begin.
series = {}
for device, kind, at, value in rows("select device, kind, epoch(ts)::bigint, value from usable order by ts, id"): series.setdefault((device, kind), []).append((at, value))
def average(readings, begin):
  end, before, total, from_ = begin + 3600, None, 0.0, None
  for at, value in readings:
    if at >= end: break
    if at >= begin and before is not None: total += before * (at - max(from_, begin))
    before, from_ = value, at
  return (total + before * (end - max(from_, begin)))
twa, last = [], max(readings[-1][0] for readings in series.values())
for device, kind, hour, value in rows("""select device_id, sensor_type, epoch(hour::timestamptz)::bigint, twa_value from read_parquet('here/lake/hours/*/*/*.parquet', hive_partitioning = true)"""):
  readings = series[device, kind]
  if hour + 3600 > last: continue  # nobody knows how long the last values held
  since = max(hour, readings[0][0])
  twa.append((device, kind, hour, value, average(readings, hour) / (hour + 3600 - since)))
near("averages by time", [t[:4] for t in twa], [(*t[:3], t[4]) for t in twa], 1e-6)
heard = {}
for line in open("heard"):
    topic, text = line.split(" ", 1)
    heard[json.loads(text)["id"]] = (topic, json.loads(text)["timestamp"])
same("alerts heard", list(heard.values()), [(f"alerts/{device}/{kind}", ts) for device, kind, ts, *_ in expected])
PYTHON
"$python" -c 'import os, sys; exec(open("check.py").read()); sys.stdout.flush(); os._exit(0)' || fail "the figures differ"
grep -q "4608 readings measured, $(wc -l <transmitted.ndjson) of them sent" example.out || fail "the example says $(cat example.out)"
grep -q 'broker: healthy redis: healthy influx: healthy' example.out || fail "the example says $(cat example.out)"
echo "iot-platform: through $kills kills"
