#!/usr/bin/env bash
# influx-load and influx-query against InfluxDB 2.7: what is written, refused and written again over kills of both sides; rows, last values, means and
# queries of one's own in Flux. Python finds the same in the input, and takes the server's answers apart by itself.
# labels: influx2
# asked: influx2
# programs: go cargo
# tools: influx-load influx-query csv-tail csv-append
# timeout: 1200
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_influx2
same() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; } # same WHAT GOT EXPECTED
ends() { # ends STATUS COMMAND…: its output goes to got, its messages to words
  local expected=$1 status=0
  shift
  "$@" >got 2>words || status=$?
  [ "$status" = "$expected" ] || fail "exit $status instead of $expected: $*"
}
printf '%s\n' "$INFLUX2_TOKEN" >token
chmod 600 token
export INFLUX_URL=$INFLUX2_URL INFLUX_ORG=weir
load() { influx-load --bucket plant --token-file token "$@"; }
query() { influx-query --bucket plant --token-file token --since "${since:-1960-01-01T00:00:00Z}" "$@"; }
api() { curl -sS --fail-with-body -H "Authorization: Token $INFLUX2_TOKEN" "$INFLUX2_URL/api/v2/$1" "${@:2}"; }
count() { # count MEASUREMENT [FIELD]: points and their sum, as the server has them
  ask_influx2 "from(bucket: \"plant\") |> range(start: 1960-01-01T00:00:00Z, stop: 2100-01-01T00:00:00Z)
    |> filter(fn: (r) => r._measurement == \"$1\" and r._field == \"${2:-v}\") |> group() |> toFloat()
    |> reduce(identity: {n: 0, sum: 0.0}, fn: (r, accumulator) => ({n: accumulator.n + 1, sum: accumulator.sum + r._value}))
    |> keep(columns: [\"n\", \"sum\"])" | tr -d '\r' | awk -F, '/^,,/ { printf "%d %d\n", $4, $5 }'
}

cat >points.py <<'PYTHON'
"""The points of annotated CSV as Flux gives them, unpivoted: a line of JSON for each measurement, tags and time, sorted. Flux writes CR LF for each
line feed of a text."""
import csv, datetime, json, sys

def nanoseconds(text):
    seconds, _, fraction = text.rstrip("Z").partition(".")
    at = datetime.datetime.fromisoformat(seconds).replace(tzinfo=datetime.timezone.utc)
    return int(at.timestamp()) * 10**9 + int(fraction.ljust(9, "0"))

READ = {"double": float, "long": int, "unsignedLong": int, "boolean": lambda text: text == "true", "string": lambda text: text.replace("\r\n", "\n")}

def points_of(lines):
    points, types, header = {}, None, None
    for row in csv.reader(lines):
        if not row:
            continue
        if row[0].startswith("#"):
            types, header = (row if row[0] == "#datatype" else types), None
        elif header is None:
            header = row
        else:
            cells, kinds = dict(zip(header, row)), dict(zip(header, types))
            tags = {name: text for name, text in cells.items() if name not in ("", "result", "table") and name[0] != "_" and text != ""}
            identity = json.dumps([cells["_measurement"], nanoseconds(cells["_time"]), tags], sort_keys=True)
            points.setdefault(identity, {})[cells["_field"]] = READ[kinds["_value"]](cells["_value"])
    return sorted(json.dumps([json.loads(identity), fields], sort_keys=True) for identity, fields in points.items())

if __name__ == "__main__":
    print(*points_of(open(0, newline="", encoding="utf-8")), sep="\n")
PYTHON
stored() { # stored MEASUREMENT: its points, by points.py
  ask_influx2 "from(bucket: \"plant\") |> range(start: 1960-01-01T00:00:00Z, stop: 2100-01-01T00:00:00Z) |> filter(fn: (r) => r._measurement == $(jq -cn --arg name "$1" '$name'))
    |> drop(columns: [\"_start\", \"_stop\"])" | python3 points.py
}

# 1. Readings of water and predictions, by the options of the manual, compressed and not: what the server has is what the records say.
cat >make.py <<'PYTHON'
"""Readings and predictions with some fields missing, and the points that they must become."""
import datetime, json, random
random.seed(11)
START = 1782864000000
def iso(ms):
    return datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"
def write(name, records, points):
    with open(name + ".json", "w") as out:
        for record in records:
            print(json.dumps(record), file=out)
    with open(name + ".points", "w") as out:
        print(*sorted(json.dumps(point, sort_keys=True) for point in points), sep="\n", file=out)
records, points = [], []
for n in range(12000):
    at = START + n * 500 + random.randrange(500)
    parameter, unit = random.choice([("ph", "pH"), ("cod", "mg/l"), ("temp, in °C", "°C")])
    record = {"sensorId": f"s {n % 7}", "parameter": parameter, "value": random.choice([random.randrange(14), round(random.random() * 100, 3), 1e-7, -2.5e20]),
              "quality": random.choice(["good", 'un"sure\\', "two\nlines"]), "unit": unit, "timestamp": iso(at)}
    plant, location = random.choice([None, "p1", "p=2"]), random.choice([None, "", "inlet a"])
    if plant: record["plantId"] = plant
    if location is not None: record["location"] = location
    fields = {"value": float(record["value"]), "quality": record["quality"], "unit": unit}
    if random.random() < 0.1: del record["unit"], fields["unit"]
    records.append(record)
    points.append([["water_quality", at * 10**6, {"sensor_id": record["sensorId"], "parameter": parameter, "plant_id": plant or "default",
                                                  "location": location or "unknown"}], fields])
write("readings", records, points)
records, points = [], []
for n in range(500):
    record = {"plantId": f"p{n % 3}", "model": "m2", "result": {"prediction": random.choice(["normal", "foul"]), "confidence": round(random.random(), 2)},
              "timestamp": iso(START + n * 60000)}
    records.append(record)
    points.append([["predictions", (START + n * 60000) * 10**6, {"plant_id": record["plantId"], "model": "m2"}],
                   {"prediction": record["result"]["prediction"], "confidence": record["result"]["confidence"]}])
write("predictions", records, points)
PYTHON
python3 make.py
water=(--precision ms --measurement water_quality --tags 'sensor_id=sensorId,parameter,plant_id=plantId:-default,location:-unknown'
  --fields 'value:float,quality:string,unit:string')
load "${water[@]}" readings.json 2>words || fail "readings: $?"
load --no-gzip --batch 70 --precision ms --measurement predictions --tags plant_id=plantId,model \
  --fields 'prediction=result.prediction:string,confidence=result.confidence:float' predictions.json 2>words || fail "predictions: $?"
for name in readings predictions; do
  stored "$(sed -n '1s/^\[\["\([a-z_]*\).*/\1/p' $name.points)" >got
  cmp $name.points got || fail "the points of $name"
done
# All of them a second time: nothing changes.
load "${water[@]}" readings.json 2>words || fail "readings again: $?"
stored water_quality | cmp readings.points - || fail "points that came again"
echo "$(wc -l <readings.points) readings and $(wc -l <predictions.points) predictions as Python expects them"

# 2. Names, types and times: 64-bit integers, times before 1970, each precision; names with all that line protocol escapes.
printf '%s\n' '{"s":"a b,c=d","n":1,"i":9007199254740993,"u":18446744073709551615,"t":"say \"hi\" \\ x","b":true,"timestamp":"2026-07-01T00:00:00.123456789Z"}' \
  '{"s":"°C","n":1e3,"i":-1,"u":0,"t":"","b":false,"timestamp":"1969-12-31T23:59:58.5Z"}' >odd.ndjson
load --measurement 'odd, {s}' --tags 'tag one=s,none:-a b' --fields 'n,i:int,u:uint,t:string,b:bool' odd.ndjson 2>words || fail "odd names: $?"
same 'odd names' "$(stored 'odd, a b,c=d'; stored 'odd, °C')" \
  '[["odd, a b,c=d", 1782864000123456789, {"none": "a b", "tag one": "a b,c=d"}], {"b": true, "i": 9007199254740993, "n": 1.0, "t": "say \"hi\" \\ x", "u": 18446744073709551615}]
[["odd, \u00b0C", -1500000000, {"none": "a b", "tag one": "\u00b0C"}], {"b": false, "i": -1, "n": 1000.0, "t": "", "u": 0}]'
for precision in ns us ms s; do
  load --measurement "in_$precision" --fields n --precision $precision odd.ndjson 2>words || fail "--precision $precision: $?"
done
same 'precision' "$(for precision in ns us ms s; do stored in_$precision; done | sed 's/^[^,]*, \([-0-9]*\),.*/\1/' | sort -n | xargs)" \
  '-2000000000 -1500000000 -1500000000 -1500000000 1782864000000000000 1782864000123000000 1782864000123456000 1782864000123456789'
python3 -c 'import itertools, json
for n, text in enumerate("".join(each) for each in itertools.product("a\\\", =#", repeat=3)):
    print(json.dumps({"id": f"r{n}", "name": text, "v": 1, "timestamp": "2026-07-01T00:00:00Z"}))' >names.ndjson
api buckets --json "{\"orgID\":\"$(jq -r .org.id "$PARTS/influx2/setup")\",\"name\":\"names\"}" >bucket
influx-load --bucket names --token-file token --measurement '{name}' --tags id,tag=name --fields v --rejects unfit names.ndjson 2>words || fail "names: $?"
ask_influx2 'from(bucket: "names") |> range(start: 0) |> drop(columns: ["_start", "_stop"])' | python3 points.py | jq -c '[.[0][2].id, .[0][0], .[0][2].tag]' | sort >got
jq -c '[.id, .name, .name]' names.ndjson | grep -vxFf <(jq -c '.raw | fromjson | [.id, .name, .name]' unfit) | sort | cmp - got || fail "names of measurements and tags"

# 3. Refused points are rejected with the server's text, all others are written.
awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "{\"id\":%d,\"v\":%s,\"timestamp\":\"2026-07-01T00:%02d:%02dZ\"}\n", i, i % 700 == 0 ? "\"text\"" : i, i / 60, i % 60 }' >mixed.ndjson
load --measurement mixed --fields v --rejects rejects mixed.ndjson 2>words || fail "mixed types: $?"
same 'the rest is written' "$(count mixed)" "2996 $((3000 * 3001 / 2 - 700 - 1400 - 2100 - 2800))"
same 'rejects' "$(jq -r '.line' rejects | sort -n | xargs)" '700 1400 2100 2800'
same 'the server says why' "$(jq -r .reason rejects | sort | uniq -c | sed 's/^ *//')" \
  '4 422: failure writing points to database: partial write: field type conflict: input field "v" on measurement "mixed" is type string, already exists as type float dropped=1'
# A point that it cannot parse, for a name of more than 64 KiB, refuses the whole request; one that is older than the bucket keeps does not.
{ echo '{"v":1,"s":"a","timestamp":"2026-07-01T00:00:00Z"}'
  jq -cn '{v: 2, s: ("x" * 70000), timestamp: "2026-07-01T00:00:02Z"}'
  echo '{"v":3,"s":"c","timestamp":"2026-07-01T00:00:03Z"}'; } >unparsable.ndjson
load --measurement unparsable --tags s --fields v --rejects unparsed unparsable.ndjson 2>words || fail "unparsable: $?"
same 'unparsable' "$(count unparsable) $(jq -r '[.line, .reason[:32]] | join(" ")' unparsed)" "2 4 2 400: unable to parse 'unparsable"
org=$(jq -r .org.id "$PARTS/influx2/setup") bucket=$(jq -r .bucket.id "$PARTS/influx2/setup")
api buckets --json "{\"orgID\":\"$org\",\"name\":\"short\",\"retentionRules\":[{\"type\":\"expire\",\"everySeconds\":3600}]}" >bucket
for at in 2020-01-01T00:00:00Z "$(date -u +%FT%TZ)"; do echo "{\"v\":1,\"timestamp\":\"$at\"}"; done >old.ndjson
influx-load --bucket short --token-file token --measurement m --fields v --rejects too-old old.ndjson 2>words || fail "an old point: $?"
same 'an old point' "$(jq -r '[.line, .reason[:90]] | join(" ")' too-old) $(influx-query --bucket short --token-file token --measurement m | wc -l)" \
  '1 422: failure writing points to database: partial write: dropped 1 points outside retention 1'

# 4. Logins, organizations and buckets that are wrong end the run with the server's words.
echo wrong >other
right() { api authorizations --json "{\"orgID\":\"$org\",\"permissions\":[{\"action\":\"$1\",\"resource\":{\"type\":\"buckets\",\"id\":\"$bucket\",\"orgID\":\"$org\"}}]}" | jq -r .token; }
right read >reader
right write >writer
chmod 600 other reader writer
denied() { # denied WHAT ANSWER COMMAND…
  ends 1 "${@:3}"
  same "$1" "$(cat words)" "$3: the server answered $2"
}
write=(--fields v mixed.ndjson)
denied 'a wrong token' '401: unauthorized access' influx-load --bucket plant --token-file other --measurement m "${write[@]}"
denied 'a wrong token' '401: unauthorized access' influx-query --bucket plant --token-file other --measurement m
denied 'no such bucket' '404: bucket "nope" not found' influx-load --bucket nope --token-file token --measurement m "${write[@]}"
denied 'no such bucket' '404: failed to initialize execute state: could not find bucket "nope"' influx-query --bucket nope --token-file token --measurement m
denied 'no such organization' '404: organization name "nope" not found' influx-load --org nope --bucket plant --token-file token --measurement m "${write[@]}"
denied 'no such organization' '400: failed to decode request body: organization name "nope" not found' influx-query --org nope --bucket plant --token-file token --measurement m
denied 'a token that may read' '403: insufficient permissions for write' influx-load --bucket plant --token-file reader --measurement m "${write[@]}"
denied 'a token that may write' '404: failed to initialize execute state: could not find bucket "plant"' influx-query --bucket plant --token-file writer --measurement mixed
ends 0 influx-load --bucket plant --token-file writer --measurement allowed --fields v old.ndjson
ends 0 influx-query --bucket plant --token-file reader --measurement allowed --since 2019-01-01T00:00:00Z
same 'a token that may' "$(wc -l <got)" 2

# 5. With --state, and the real server killed and started again meanwhile: each point once, each refused one rejected once.
awk 'BEGIN { print "id,v,timestamp"; for (i = 1; i <= 4000; i++) printf "%d,%s,2026-07-01T%02d:%02d:%02dZ\n", i, i % 900 == 0 ? "text" : i, i / 3600, i / 60 % 60, i % 60 }' >rows.csv
kills --state s1 --kills 6 --step 2 --seed 21 --grow rows.csv rows1.csv "csv-tail --checkpoint-records 200 rows1.csv | influx-load --bucket plant --token-file token --retry-for 10m --measurement killed --fields id:int,v" >did &
killer=$!
at_least() { [ "$(cat s1/commit 2>/dev/null || echo 0)" -ge "$1" ]; }
wait_until 60 at_least 5
restart_influx2 KILL
wait $killer || fail "$(cat did)"
same 'under kills' "$(count killed) $(count killed id | cut -d' ' -f1)" "3996 $((4000 * 4001 / 2 - 900 - 1800 - 2700 - 3600)) 3996"
same 'rejects under kills' "$(jq -r '.raw | fromjson | .id' s1/influx-load/rejects | sort -n | xargs)" '900 1800 2700 3600'
echo "$(cat did); the server killed once meanwhile"

# Without state: the server goes in the middle of a stream and comes back within --retry-for, and what was under way is written.
awk 'BEGIN { for (i = 1; i <= 20000; i++) printf "{\"v\":%d,\"timestamp\":%d}\n", i, 1782864000 + i }' >stream.ndjson
mkfifo records
influx-load --bucket plant --token-file token --measurement stream --fields v --batch 1000 --retry-for 10m records 2>stream.words &
writer=$!
exec 5>records
head -n 9500 stream.ndjson >&5
some_written() { [ "$(count stream | cut -d' ' -f1)" -ge 5000 ]; }
wait_until 60 some_written
stop_influx2 KILL
sed -n 9501,9600p stream.ndjson >&5 # more would fill the pipe, which is not read now
reported() { grep -q 'trying again' stream.words; }
wait_until 60 reported
run_influx2
tail -n +9601 stream.ndjson >&5
# SIGTERM, with the input still open: what has come is written.
all_read() { [ "$(count stream | cut -d' ' -f1)" -ge 19000 ]; }
wait_until 60 all_read
kill -TERM $writer
wait $writer || fail "SIGTERM: $? $(cat stream.words)"
exec 5>&-
same 'a server that was away' "$(count stream) $(wc -l <stream.words)" "20000 $((20000 * 20001 / 2)) 1"
stop_influx2
ends 1 load --retry-for 500ms --measurement stream --fields v stream.ndjson
same 'a server that stays away' "$(grep -c 'cannot write to the server' words)" 1
ends 1 query --retry-for 500ms --measurement stream
same 'a server that stays away' "$(grep -c 'cannot query the server' words)" 1
run_influx2

# 6. influx-query: what was written comes back, all of it.
cat >rows_of.py <<'PYTHON'
"""The points of a .points file as influx-query must write them, and its records, both with numbers as such and times in ns; sorted."""
import json, sys
from points import nanoseconds
def row(measurement, time, more):
    return json.dumps({"timestamp": time, "measurement": measurement, **{name: float(value) if type(value) is int else value for name, value in more.items()}}, sort_keys=True)
rows = []
for line in sys.stdin:
    value = json.loads(line)
    if isinstance(value, list):
        (measurement, time, tags), fields = value
        rows.append(row(measurement, time, tags | fields))
    else:
        rows.append(row(value.pop("measurement"), nanoseconds(value.pop("timestamp")), value))
if "ordered" in sys.argv and (times := [json.loads(each)["timestamp"] for each in rows]) != sorted(times):
    sys.exit("rows are not in the order of their times")
print(*sorted(rows), sep="\n")
PYTHON
for name in readings predictions; do
  query --measurement "$(sed -n '1s/^\[\["\([a-z_]*\).*/\1/p' $name.points)" >got 2>words || fail "query $name: $?"
  python3 rows_of.py <$name.points >expected
  python3 rows_of.py ordered <got | cmp expected - || fail "$name do not come back"
done
same 'odd names' "$(query --measurement 'odd, a b,c=d' --where "tag one=a b,c=d")" \
  '{"timestamp":"2026-07-01T00:00:00.123456789Z","measurement":"odd, a b,c=d","none":"a b","tag one":"a b,c=d","b":true,"i":9007199254740993,"n":1,"t":"say \"hi\" \\ x","u":18446744073709551615}'

# 7. The newest row of each group, and means of windows, as Python finds them in the points.
cat >groups.py <<'PYTHON'
"""groups.py last|mean SINCE: compares the rows that come in with those of readings.points, means but for rounding."""
import json, math, sys
from collections import defaultdict
from points import nanoseconds
what, since = sys.argv[1], nanoseconds(sys.argv[2])
MINUTE = 60 * 10**9
points = [json.loads(line) for line in open("readings.points")]
found = [json.loads(line) for line in sys.stdin]
for row in found:
    row["timestamp"] = nanoseconds(row["timestamp"])
if what == "last":
    newest = {}
    for (measurement, time, tags), fields in points:
        row = {"measurement": measurement, "timestamp": time, **tags, **{name: value for name, value in fields.items() if value != ""}}
        newest[row["plant_id"], row["parameter"]] = max(newest.get((row["plant_id"], row["parameter"]), row), row, key=lambda each: each["timestamp"])
    order = lambda row: (row["plant_id"], row["parameter"])
    assert sorted(found, key=order) == sorted(newest.values(), key=order), found
else:
    groups = defaultdict(list)
    for (measurement, time, tags), fields in points:
        if tags["parameter"] == "cod" and time >= since:
            groups[time // MINUTE * MINUTE, tags["plant_id"]].append(fields["value"])
    means = {(row.pop("timestamp"), row.pop("plant_id")): row for row in found}
    assert len(means) == len(found) and means.keys() == groups.keys(), (sorted(means.keys() ^ groups.keys())[:4], len(found), len(groups))
    for key, row in means.items():
        mean = math.fsum(groups[key]) / len(groups[key])
        assert row.keys() == {"measurement", "value"} and math.isclose(row["value"], mean, rel_tol=1e-12), (key, row, mean)
print(f"{what}: {len(found)} rows as Python finds them")
PYTHON
water() { query --measurement water_quality "$@"; }
water --by plant_id,parameter --last | python3 groups.py last 2026-07-01T00:00:00Z
for from in 2026-07-01T00:00:00Z 2026-07-01T00:10:37.25Z; do
  since=$from water --where parameter=cod --fields value --by plant_id --mean 1m | python3 groups.py mean $from
done
same 'fields by tags' "$(water --fields value,unit --by sensor_id | jq -r 'keys[]' | sort -u | xargs)" 'measurement sensor_id timestamp unit value'
# The same questions by queries of one's own; no answer; what is not there.
cat >own.flux <<'FLUX'
from(bucket: "plant") |> range(start: {since}, stop: {until}) |> filter(fn: (r) => r._measurement == "water_quality" and r._field == "value")
  |> group(columns: ["plant_id"]) |> max()
FLUX
water_own() { influx-query --bucket plant --token-file token --since 2026-07-01T00:00:00Z --until 2026-07-01T01:00:00Z "$@"; }
water_own --flux own.flux | jq -c '[.plant_id, .value]' | sort >got
jq -cs 'map(.[0][2].plant_id as $plant | {plant: $plant, value: .[1].value}) | group_by(.plant)[] | [.[0].plant, (map(.value) | max)]' readings.points | sort | cmp - got ||
  fail "the greatest of each plant"
for question in '--measurement none' '--measurement water_quality --where plant_id=p9' '--measurement water_quality --last --by plant_id --until 1970-01-01T00:00:00Z' \
  '--measurement none --mean 1m --fields v'; do
  ends 0 query $question
  same "$question" "$(cat got words)" ''
done
# Since is after until: nothing, as of every server.
ends 0 influx-query --bucket plant --token-file token --measurement water_quality --since 2026-07-02T00:00:00Z --until 2026-07-02T00:00:00Z
same "an empty span" "$(cat got words)" ''
ends 0 influx-query --bucket plant --token-file token --measurement water_quality --since 2030-07-02T00:00:00Z
same "a span to come" "$(cat got words)" ''
cat >types.flux <<'FLUX'
import "array"
array.from(rows: [
  {_time: 2026-07-01T00:00:00Z, i: -9223372036854775807, u: uint(v: "18446744073709551615"), f: 0.1, g: float(v: "NaN"), h: float(v: "+Inf"), b: true, s: "a,\"b\"\n°C", at: 2026-07-01T00:00:00.000000001Z},
  {_time: 2026-07-01T00:00:01Z, i: 9223372036854775807, u: uint(v: 0), f: 1000.0, g: 0.25, h: -0.0, b: false, s: "x", at: 1969-12-31T23:59:59Z},
])
FLUX
ends 0 query --flux types.flux
same 'types' "$(cat got words)" '{"timestamp":"2026-07-01T00:00:00Z","i":-9223372036854775807,"u":18446744073709551615,"f":0.1,"b":true,"s":"a,\"b\"\n°C","at":"2026-07-01T00:00:00.000000001Z"}
{"timestamp":"2026-07-01T00:00:01Z","i":9223372036854775807,"u":0,"f":1000,"g":0.25,"h":-0,"b":false,"s":"x","at":"1969-12-31T23:59:59Z"}
influx-query: 2 values left out: JSON has no NaN and no infinity'
echo 'from(bucket: "plant") |> range(start: {since}) |> nope()' >wrong.flux
ends 1 query --flux wrong.flux
same 'a wrong query' "$(grep -c 'the server answered 400: error .*undefined identifier nope' words)" 1
# Texts of which some are empty: right by InfluxQL, which version 2 knows, too; its Flux moves them to other rows.
awk 'BEGIN { for (i = 0; i < 9; i++) printf "{\"t\":\"%s\",\"timestamp\":%d}\n", i % 2 ? "" : "t" i, 1782864000 + i }' >empty.ndjson
load --measurement empty --fields t empty.ndjson 2>words || fail "empty texts: $?"
same 'empty texts by InfluxQL' "$(influx-query --db plant --token-file token --since 2026-07-01T00:00:00Z --measurement empty | jq -c .t)" "$(jq -c .t empty.ndjson)"

# 8. New rows, each once: late ones within the lateness, of equal times, while the server is killed and the reader too.
batch() { # batch NUMBER: 40 rows of one second, ten of them of the same time, and one that is 20 s late
  local at=$((1782900000 + $1 * 30))
  seq 1 40 | awk -v n="$1" -v at="$at" '{ printf "{\"id\":\"r%d-%d\",\"v\":%d,\"w\":\"x\",\"t\":%d}\n", n, $1, $1, ($1 == 40 ? at - 20 : at) * 1000 + ($1 <= 10 ? 0 : $1) }' |
    load --measurement live --tags id --fields v,w --time t --time-unit ms --precision ms
}
cat >live.flux <<'FLUX'
from(bucket: "plant") |> range(start: {since}) |> filter(fn: (r) => r._measurement == "live" and r._field == "v") |> group() |> sort(columns: ["_time"])
FLUX
follow() { # follow NAME QUESTION…
  influx-query --bucket plant --token-file token --since 2026-07-01T00:00:00Z --every 20ms --settle 50ms --lateness 1m --count 800 --checkpoint-every 50ms "${@:2}" --state "$1.state" |
    csv-append --state "$1.state" "$1.csv"
}
# The readers are killed after a while. Every other one lives until a row has come: a start may take longer than that while on a busy machine.
follow_and_die() { # follow_and_die NAME QUESTION…
  local had end
  trap kill_group TERM
  for ((kills = 0; ; kills++)); do
    had=$(wc -l <"$1.csv")
    run_group "$(declare -f follow); follow ${*@Q} 2>>$1.log"
    end=${parts_groups[-1]}
    sleep "0.$((RANDOM % 5 + 2))"
    while ((kills % 2)) && group_alive "$end" && [ "$(wc -l <"$1.csv")" = "$had" ]; do sleep 0.05; done
    if ! kill -KILL "$end" 2>/dev/null; then
      wait "$end" && break
      fail "the reader has ended by itself: $(tail -n 3 "$1.log")"
    fi
    kill_group
  done
  echo "$kills" >"$1.kills"
}
readers=()
for name in rows flux; do
  touch $name.csv
  question=(--measurement live)
  [ $name = rows ] || question=(--flux live.flux)
  follow_and_die $name "${question[@]}" 2>$name.die &
  readers+=("$!")
done
parts_pids+=("${readers[@]}")
arrived() { [ "$(grep -c 'r[0-9]' rows.csv || true)" -ge "$1" ] && [ "$(grep -c 'r[0-9]' flux.csv || true)" -ge "$1" ]; }
for number in $(seq 0 19); do
  batch "$number"
  [ "$number" -ne 10 ] || restart_influx2 KILL
  wait_until 60 arrived $((number * 40 + 40))
done
for reader in "${readers[@]}"; do wait "$reader" || fail "a reader: $(tail -n 3 rows.die flux.die)"; done
for name in rows flux; do
  same "new rows of $name" "$(grep -c 'r[0-9]' $name.csv) $(grep -o 'r[0-9]*-[0-9]*' $name.csv | sort -u | wc -l)" '800 800'
done
echo "new rows of two questions once each, over $(cat rows.kills) and $(cat flux.kills) kills and a killed server"
