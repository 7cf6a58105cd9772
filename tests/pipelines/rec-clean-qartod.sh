#!/usr/bin/env bash
# rec-clean --qc beside ioos_qc: forty series with missing values, jumps, spikes, flat lines and gaps, every flag of every test.
# labels: numpy
# builds: release
# tools: rec-clean
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with ioos-qc==3.0.0)

cat >make.py <<'PY'
import datetime
import json
import random

chance = random.Random(7)
start = datetime.datetime(2026, 7, 1, tzinfo=datetime.timezone.utc)
rows = []
for sensor in range(40):
    value, time, stuck, regular = 20.0, 0, 0, sensor % 2 == 0
    for step in range(600):
        time += 60 if regular else chance.choice([60, 60, 60, 59, 61, 75, 600, 4000])
        if stuck == 0 and chance.random() < .01:
            stuck = chance.randrange(20, 90)
        stuck = max(0, stuck - 1)
        value += 0 if stuck else chance.gauss(0, .4)
        shown = value + (chance.choice([-1, 1]) * chance.choice([2, 5, 40]) if not stuck and chance.random() < .03 else 0) + (chance.choice([0, .01]) if stuck else 0)
        missing = not regular and chance.random() < .06
        rows.append((time, sensor, None if missing else round(shown, 2)))
rows.sort(key=lambda row: row[:2])
for time, sensor, value in rows:
    print(json.dumps({"timestamp": (start + datetime.timedelta(seconds=time)).isoformat().replace("+00:00", "Z"), "sensor": f"s{sensor}", "value": value}))
PY
"$python" make.py >series.ndjson
rec-clean --by sensor --qc-detail --qc 'value: range 0..40 suspect 10..30; spike 1.5 4; rate 1.2/1m 6/1m; flat 30m 60m within 0.015' \
  series.ndjson >flagged.ndjson 2>words
[ "$(wc -l <flagged.ndjson)" = 24000 ] || { cat words >&2; echo "FAILED rec-clean: not every record came out" >&2; exit 1; }
# With a gap no spike is looked for across it, so it has a run of its own.
rec-clean --by sensor --qc 'value: gap 10m' series.ndjson >gaps.ndjson 2>words
rec-clean --by sensor --qc 'value: range 0..40 suspect 10..30; spike 1.5 4; rate 1.2/1m 6/1m' series.ndjson >together.ndjson 2>words

cat >compare.py <<'PY'
import collections
import json
import sys
import warnings

import numpy as np
from ioos_qc import qartod

warnings.simplefilter("ignore")


def by_sensor(path):
    series = collections.defaultdict(list)
    for line in open(path):
        record = json.loads(line)
        series[record["sensor"]].append(record)
    return series


seen = collections.Counter()


def same(sensor, test, got, want, known=None):
    for place, (a, b) in enumerate(zip(got, want, strict=True)):
        if known is not None and not known[place]:
            continue
        seen[test, a] += 1
        if a != b:
            sys.exit(f"FAILED {test} of {sensor}, value {place}: rec-clean has {a}, ioos_qc {b}")


together = by_sensor("together.ndjson")
gaps = by_sensor("gaps.ndjson")
for sensor, records in by_sensor("flagged.ndjson").items():
    values = np.array([np.nan if r["value"] is None else r["value"] for r in records])
    times = np.array([r["timestamp"].rstrip("Z") for r in records], dtype="datetime64[ns]")
    assert (np.diff(times).astype(int) >= 0).all()
    flags = {test: [r[f"value_qc_{test}"] for r in records] for test in ("range", "spike", "rate", "flat")}
    flags["gap"] = [r["value_qc"] for r in gaps[sensor]]
    there = ~np.isnan(values)
    after = np.r_[False, there[:-1]]  # the value before is known, too
    gross = qartod.gross_range_test(values, (0, 40), (10, 30))
    spike = qartod.spike_test(values, 1.5, 4)
    # ioos_qc has the first value, and one after a missing value, as good; rec-clean as not evaluated.
    rate = np.where(there & ~after, 2, qartod.rate_of_change_test(values, times, 1.2 / 60, 6 / 60))
    same(sensor, "range", flags["range"], gross)
    same(sensor, "spike", flags["spike"], spike)
    same(sensor, "rate", flags["rate"], rate)
    # ioos_qc takes missing values for none and counts values instead of time: series with neither compare.
    if int(sensor[1:]) % 2 == 0:
        same(sensor, "flat", flags["flat"], qartod.flat_line_test(values, times, 1800, 3600, 0.015))
    # ioos_qc gives the first value the flag of the second, and has no flag for missing values here.
    gap = qartod.time_gap_test(times, 10 / 60)
    same(sensor, "gap", flags["gap"], gap, there & np.r_[False, np.full(len(there) - 1, True)])
    assert flags["gap"][0] == (2 if there[0] else 9)
    # All tests together; the flag of the record is that of its one field.
    same(sensor, "together", [r["value_qc"] for r in together[sensor]], qartod.qartod_compare([gross, spike, rate]))
    assert all(r["qc"] == r["value_qc"] for r in together[sensor])
for test in ("range", "spike", "rate", "flat", "gap", "together"):
    print(f"{test}:", ", ".join(f"{seen[test, flag]} times {flag}" for flag in (1, 2, 3, 4, 9) if seen[test, flag]))
for pair in [("range", 3), ("range", 4), ("range", 9), ("spike", 2), ("spike", 3), ("spike", 4), ("rate", 3), ("rate", 4), ("flat", 3), ("flat", 4), ("gap", 4)]:
    assert seen[pair] >= 10, (pair, seen[pair])
PY
"$python" compare.py

# The order of each key stays, and long records give the same flags as wide ones.
cmp <(jq -c '[.sensor,.timestamp]' flagged.ndjson | sort -s -t, -k1,1) <(jq -c '[.sensor,.timestamp]' series.ndjson | sort -s -t, -k1,1) ||
  { echo "FAILED rec-clean: the order of a key changed" >&2; exit 1; }
jq -c '.parameter = "level"' series.ndjson | rec-clean --by sensor --parameter parameter --qc 'level: range 0..40 suspect 10..30; spike 1.5 4; rate 1.2/1m 6/1m' \
  --qc 'other: gap 1m' >long.ndjson 2>words
cmp <(jq -c 'del(.parameter)' long.ndjson) <(jq -c . together.ndjson) || { echo "FAILED rec-clean: long records have other flags" >&2; exit 1; }
echo "order kept; long records have the same flags"
