#!/usr/bin/env bash
# thresh-alert over the year of readings: the transitions that awk and Python find by themselves, rule by rule.
# labels: readings
# builds: release
# tools: csv-tail thresh-alert
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
csv=$(readings_csv)
"$WEIR_BIN/csv-tail" "$csv" >readings.ndjson
records=$(wc -l <readings.ndjson)

# 35 °C, unless these readings never get so hot (simulated ones need not): then what one in two hundred exceeds.
limit=35
hot=$(awk -F, 'NR > 1 && $3 != "" && $3 + 0 > 35' "$csv" | wc -l)
if [ "$hot" -lt 200 ]; then
  limit=$(awk -F, 'NR > 1 && $3 != "" { print $3 }' "$csv" | sort -g | awk '{ v[NR] = $1 } END { print v[int(NR * 0.995)] }')
fi
clear=$(awk -v limit="$limit" 'BEGIN { print limit - 2 }')
warm=$(awk -v limit="$limit" 'BEGIN { print limit - 5 }')

# A line `time city state level since value` for each transition.
alerts() {
  "$WEIR_BIN/thresh-alert" --by city "$@" readings.ndjson |
    jq -r '[.timestamp, .city, .state, .level, .since, (.value | tostring)] | join(",")' # jq 1.6 rewrites digits: compared as numbers
}
# same WHAT FOUND EXPECTED: equal, with the values as numbers, and not empty.
same() {
  # shellcheck disable=SC2016
  local normal='BEGIN { FS = OFS = "," } { if ($6 != "null") $6 += 0; print }'
  awk "$normal" "$2" >left
  awk "$normal" "$3" >right
  diff left right >difference || { echo "FAILED: $1"; head -20 difference; exit 1; }
  [ -s left ] || { echo "FAILED: $1: no transition at all"; exit 1; }
  printf '%-58s %6d transitions, the same\n' "$1" "$(wc -l <left)"
}

# --- by awk: the plain rule and hysteresis
alerts --rule "temperature_c > $limit" >found
awk -F, -v limit="$limit" 'NR > 1 && $3 != "" {
  now = $3 + 0 > limit
  if (now && !on[$2]) { on[$2] = 1; since[$2] = $1; print $1 "," $2 ",firing,warning," $1 "," $3 }
  else if (!now && on[$2]) { on[$2] = 0; print $1 "," $2 ",resolved,warning," since[$2] "," $3 }
}' "$csv" >expected
same "temperature_c > $limit" found expected

alerts --rule "temperature_c > $limit clear <= $clear" >found
awk -F, -v limit="$limit" -v clear="$clear" 'NR > 1 && $3 != "" {
  if (!on[$2] && $3 + 0 > limit) { on[$2] = 1; since[$2] = $1; print $1 "," $2 ",firing,warning," $1 "," $3 }
  else if (on[$2] && $3 + 0 <= clear) { on[$2] = 0; print $1 "," $2 ",resolved,warning," since[$2] "," $3 }
}' "$csv" >expected
same "temperature_c > $limit clear <= $clear" found expected

# --- one alert for each record, and every record with its level
"$WEIR_BIN/thresh-alert" --each --by city --rule "temperature_c > $limit" readings.ndjson | wc -l >found
awk -F, -v limit="$limit" 'NR > 1 && $3 != "" && $3 + 0 > limit' "$csv" | wc -l >expected
cmp found expected
echo "--each: $(cat found) alerts, as many as awk counts"
"$WEIR_BIN/thresh-alert" --annotate --by city --rule "temperature_c > $limit" readings.ndjson >annotated
[ "$(wc -l <annotated)" = "$records" ]
[ "$(grep -c '"level":"warning"}$' annotated)" = "$(cat expected)" ]
sed -E 's/,"level":("(ok|warning)"|null)\}$/}/' annotated | cmp - readings.ndjson
echo "--annotate: $records records, each as it came with its level"

# --- by Python: what needs more memory. Each rule is reckoned from the whole series of a city at every record.
cat >reckon.py <<'PYTHON'
import csv, datetime, sys

rule, limit, clear, warm = sys.argv[2], *map(float, sys.argv[3:6])
series = {}
order = []
with open(sys.argv[1]) as file:
    for row in csv.DictReader(file):
        value = float(row["temperature_c"]) if row["temperature_c"] else None
        when = datetime.datetime.strptime(row["timestamp"], "%Y-%m-%dT%H:%M:%SZ")
        series.setdefault(row["city"], []).append((when, value, row["timestamp"]))
        order.append(row["city"])
found = []  # (place of the record in the file, line)
places = {}
for i, city in enumerate(order):
    places.setdefault(city, []).append(i)


def say(place, time, city, state, level, since, value):
    found.append((place, ",".join([time, city, state, level, since, "null" if value is None else repr(value)])))


for city, readings in series.items():
    known = [(places[city][i], *reading) for i, reading in enumerate(readings) if reading[1] is not None]
    breach = [value > limit for _, _, value, _ in known]
    on, since, fired = None, None, None
    for i, (place, when, value, text) in enumerate(known):
        if rule == "for":
            first = i
            while first >= 0 and breach[first]:
                first -= 1
            first += 1
            active = breach[i] and when - known[first][1] >= datetime.timedelta(hours=3)
            began = known[first][3] if active else None
            level = "warning" if active else None
        elif rule == "share":
            active = sum(breach[max(0, i - 4):i + 1]) >= 3
            # The run of breaches that were never five records apart.
            first = i
            for j in range(i, -1, -1) if active and on is None else ():
                if breach[j]:
                    first = j
                if not any(breach[max(0, j - 5):j]) and breach[j]:
                    break
            began = known[first][3] if active else None
            level = "warning" if active else None
        elif rule == "levels":
            level = "critical" if value > limit else "warning" if value > warm else None
            began = text
        elif rule == "cooldown":
            level, began = ("warning", None) if breach[i] else (None, None)
            if level and on is None:
                if fired is not None and when - fired < datetime.timedelta(hours=24):
                    level = None
                else:
                    first = i
                    while first >= 0 and breach[first]:
                        first -= 1
                    began = known[first + 1][3]
        if level == on:
            continue
        if on is None:
            since, fired = began, when
        say(place, text, city, "firing" if level else "resolved", level or on, since, value)
        on = level
found.sort()
print("\n".join(line for _, line in found))
PYTHON
reckon() { /usr/bin/python3 reckon.py "$csv" "$1" "$limit" "$clear" "$warm"; }

alerts --rule "temperature_c > $limit for 3h" >found
reckon for >expected
same "temperature_c > $limit for 3h" found expected
alerts --rule "temperature_c > $limit for 3 of 5" >found
reckon share >expected
same "temperature_c > $limit for 3 of 5" found expected
alerts --warn "temperature_c > $warm" --crit "temperature_c > $limit" >found
reckon levels >expected
same "temperature_c > $warm, temperature_c > $limit" found expected
alerts --rule "temperature_c > $limit cooldown 24h" >found
reckon cooldown >expected
same "temperature_c > $limit cooldown 24h" found expected

# --- absence: some of the readings are taken out, and every gap has to be told
awk -F, 'BEGIN { srand(7) } NR == 1 || rand() < 0.4' "$csv" >holes.csv
"$WEIR_BIN/csv-tail" holes.csv | "$WEIR_BIN/thresh-alert" --by city --absent 3h |
  jq -r '[.timestamp, .city, .state, .since] | join(",")' | sort >found
/usr/bin/python3 - holes.csv >expected <<'PYTHON'
import csv, datetime, sys

shape, allowed, last, newest, lines = "%Y-%m-%dT%H:%M:%SZ", datetime.timedelta(hours=3), {}, None, []
for row in csv.DictReader(open(sys.argv[1])):
    when = datetime.datetime.strptime(row["timestamp"], shape)
    before = last.get(row["city"])
    if before is not None and when - before > allowed:
        lines.append((before + allowed, row["city"], "firing", before))
        lines.append((when, row["city"], "resolved", before))
    last[row["city"]] = newest = when
for city, when in last.items():
    if newest - when > allowed:
        lines.append((when + allowed, city, "firing", when))
for time, city, state, since in sorted(lines):
    print(time.strftime(shape), city, state, since.strftime(shape), sep=",")
PYTHON
sort -o expected expected
same "absent for 3h, on readings with holes" found expected
