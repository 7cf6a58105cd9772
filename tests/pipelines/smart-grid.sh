#!/usr/bin/env bash
# examples/smart-grid: every planted theft is found within a minute of event time and nothing else is; baselines and alerts equal numpy's; a day's baseline too.
# builds: release
# tools: sensor-sim rec-dedup win-agg win-calc rec-clean rec-enrich
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
grid=$WEIR_SOURCE/examples/smart-grid/smart-grid.sh
fail() { echo "FAILED: $*"; [ ! -f messages ] || cat messages; exit 1; }

cat >truth.py <<'PY'
import datetime, json, sys
def time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
def lines(path):
    return map(json.loads, open(path))
def check(planted, alerts, within, what, after, before):
    """Each theft that begins between `after` and `before` has one alert, no more than `within` seconds after its first reading; no other meter has any."""
    thefts, honest = {}, 0
    for each in lines(planted):
        if each["kind"] == "theft":
            thefts.setdefault(each["meter"], []).append((time(each["start"]), time(each["end"])))
        else:
            honest += 1
    end = datetime.timedelta(seconds=within)
    found, slowest = set(), 0.0
    for alert in lines(alerts):
        at = time(alert["window_end"])
        here = [t for t in thefts.get(alert["meter"], []) if t[0] <= at < t[1] + end]
        assert len(here) == 1, f"no theft: {alert}"
        place = (alert["meter"], here[0])
        assert place not in found, f"a second alert: {alert}"
        found.add(place)
        if here[0][0] >= time(after):
            slowest = max(slowest, (at - here[0][0]).total_seconds())
    wanted = {(meter, t) for meter, all in thefts.items() for t in all if time(after) <= t[0] < time(before)}
    assert wanted and wanted <= found, f"not found: {sorted(wanted - found)[:5]}"
    assert slowest <= within, slowest
    print(f"{what}: {len(wanted)} thefts, each found within {slowest:.0f} s of its first reading; none of {honest} honest outages and surges, and no dip, taken for one")
if __name__ == "__main__":
    check(sys.argv[1], sys.argv[2], float(sys.argv[3]), *sys.argv[4:])
PY

# Three hours of 2,000 meters.
SOURCE='sensor-sim --smart-grid --meters 2000 --count 1440000 --planted planted' "$grid" >alerts 2>messages || fail "the example ended with $?"
/usr/bin/python3 truth.py planted alerts 60 "2,000 meters, 3 h" 2026-01-01T00:00:00Z 2026-01-01T02:57:00Z || fail "alerts are not what was planted"

# The cases: whose meter it is, where, how severe and why. One meter is not in the table.
awk -v what=customers -v meters=2000 -f "$WEIR_SOURCE/examples/smart-grid/places.awk" >customers.csv
unknown=$(head -n 1 alerts | jq -r .meter)
grep -v "^$unknown," customers.csv >known.csv
CUSTOMERS=known.csv "$WEIR_SOURCE/examples/smart-grid/cases.sh" <alerts >cases 2>messages || fail "the cases ended with $?"
/usr/bin/python3 - customers.csv alerts cases "$unknown" <<'PY' || fail "the cases are not what the alerts and customers give"
import csv, decimal, json, sys
customers = {row["meter"]: row for row in csv.DictReader(open(sys.argv[1]))}
del customers[sys.argv[4]]
alerts, cases = ([json.loads(line) for line in open(path)] for path in sys.argv[2:4])
written = [json.loads(line, parse_float=str)["current"] for line in open(sys.argv[2])]
def rounded(number, places):
    return float(decimal.Decimal(repr(number)).quantize(decimal.Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP))
def text(number):
    return str(int(number)) if number == int(number) else repr(number)
severities = {"critical": 0, "warning": 0}
assert len(alerts) == len(cases) > 20, (len(alerts), len(cases))
for alert, case, digits in zip(alerts, cases, written):
    customer = customers.get(alert["meter"], {})
    ratio = alert["current"] / alert["baseline"]
    place = {name: float(customer[name]) if customer else None for name in ("lat", "lon")}
    severity = "critical" if ratio < 0.2 else "warning"
    severities[severity] += 1
    evidence = (f"{alert['meter']} draws {digits} kW three times on end, {text(rounded(100 * ratio, 0))} % of its baseline of "
                f"{text(rounded(alert['baseline'], 3))} kW, and is connected")
    wanted = {"timestamp": alert["window_end"], "rule": "theft", "meter": alert["meter"], "severity": severity, "ratio": rounded(ratio, 4), "current": alert["current"],
              "baseline": alert["baseline"], "low": alert["low"], "customer_id": customer.get("customer_id"), "address": customer.get("address"),
              "account_status": customer.get("account_status"), **place, "evidence": evidence, "pipeline_version": "1.0"}
    assert list(case.items()) == list(wanted.items()), (case, wanted)
assert min(severities.values()) > 0, severities
print(f"cases: {len(cases)} with customer, address, account status, place and evidence; {severities}")
PY

# Every baseline of 200 meters, and the alerts by the rule, by numpy; of a rule without the condition of three on end there would be false ones.
sensor-sim --smart-grid --meters 200 --seed 5 --count 144000 >readings
SOURCE='cat readings' "$grid" >alerts 2>messages || fail "the example ended with $?"
rec-dedup --by meter,timestamp --within 10m readings 2>messages | win-agg --size 1h --every 15s --closed right --by meter --drop-partial \
  --agg 'last(kw) as current, avg(kw) if connected as baseline, last(connected) as connected' >rows 2>>messages
/usr/bin/python3 - readings rows alerts messages <<'PY' || fail "numpy finds others"
import json, re, sys
import numpy
readings = open(sys.argv[1]).read().splitlines()
unique = list(dict.fromkeys(readings))
dropped = int(re.search(r"(\d+) records? dropped", open(sys.argv[4]).read())[1])
assert dropped == len(readings) - len(unique) > 500, (dropped, len(readings), len(unique))
records = [json.loads(line) for line in unique]
times = sorted({r["timestamp"] for r in records})
meters = sorted({r["meter"] for r in records})
step, row = {t: i for i, t in enumerate(times)}, {m: i for i, m in enumerate(meters)}
watts = numpy.zeros((len(meters), len(times)), dtype=numpy.int64)
connected = numpy.zeros_like(watts, dtype=bool)
for r in records:
    watts[row[r["meter"]], step[r["timestamp"]]] = round(r["kw"] * 1000)
    connected[row[r["meter"]], step[r["timestamp"]]] = r["connected"]
hour = 240
def last_hour(values):  # the sum of each value and the 239 before it
    sums = values.cumsum(axis=1)
    sums[:, hour:] -= values.cumsum(axis=1)[:, :-hour]
    return sums
n = last_hour(connected.astype(numpy.int64))
baseline = numpy.where(n > 0, last_hour(numpy.where(connected, watts, 0)) / numpy.maximum(n, 1) / 1000, numpy.nan)
worst, seen = 0.0, 0
for line in open(sys.argv[2]):
    r = json.loads(line)
    i, j = row[r["meter"]], step[r["window_end"]]
    assert round(r["current"] * 1000) == watts[i, j] and r["connected"] == connected[i, j], r
    worst = max(worst, abs(r["baseline"] - baseline[i, j]))
    seen += 1
assert worst < 1e-12 and seen == len(meters) * (len(times) - 1), (worst, seen)
low = connected & (watts < 500 * baseline)
three = low.copy()
three[:, 1:] &= low[:, :-1]
three[:, 2:] &= low[:, :-2]
three[:, :2] = False
expected = []
for i, meter in enumerate(meters):
    before = None
    for j in numpy.flatnonzero(three[i, :-2]):  # an end that the stream has not passed by is not told yet
        if before is None or j - before > hour:
            expected.append((times[j], meter))
            before = j
alerts = [(r["window_end"], r["meter"]) for r in map(json.loads, open(sys.argv[3]))]
known = set(alerts)
assert sorted(e for e in expected if e[0] < times[-8]) == sorted(a for a in alerts if a[0] < times[-8]), (expected, alerts)
dips = int(low.sum() - three.sum())
assert len(alerts) >= 1 and dips > 50
print(f"numpy: {seen} rows equal (baselines within {worst:.0e} kW), the same {len(known)} alerts, {dropped} repeats dropped; {dips} readings are low and no alert")
PY

# The minute against the day before, from minutes and, with two streams of windows that end together, by win-calc.
sensor-sim --smart-grid --meters 200 --seed 2 --count $((200 * 240 * 30)) --planted planted >readings
SOURCE='cat readings' "$grid" day >alerts 2>messages || fail "the example ended with $?"
/usr/bin/python3 truth.py planted alerts 240 "200 meters, 30 h, a minute against the day before" 2026-01-02T00:00:00Z 2026-01-02T05:00:00Z || fail "alerts are not what was planted"
rec-dedup --by meter,timestamp --within 10m readings >once 2>messages
window() { win-agg --every 1m --closed right --by meter --drop-partial "$@" once; }
window --agg 'avg(kw) if connected as current, count() if not connected as off' >minute
window --size 1d --agg 'avg(kw) if connected as baseline' >day
win-calc --wide --match end --by meter --lateness 2d --calc 'theft = off == 0 and current < 0.5 * baseline' minute day |
  jq -c 'select(.theft)' | jq -s 'sort_by(.window_end, .meter)[]' -c |
  win-agg --time window_end --size 3m --every 1m --closed right --by meter --drop-partial --agg 'count() as low' --having 'low >= 3' |
  rec-dedup --time window_end --by meter --within 2h 2>messages | jq -r '[.window_end, .meter] | @tsv' >by-calc
jq -r '[.window_end, .meter] | @tsv' alerts | diff - by-calc || fail "win-calc finds others"
echo "win-calc --match end: the same $(wc -l <by-calc) alerts"
