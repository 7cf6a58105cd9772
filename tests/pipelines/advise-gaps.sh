#!/usr/bin/env bash
# labels: csv
# builds: release
# tools: csv-tail csv-append weather-advise sensor-sim
# timeout: 400
# The year of readings through csv-tail and weather-advise: with --max-gap 3h every filled cell equals numpy.interp of its city, longer gaps stay null and
# everything else is as it came; without it nothing is filled. Flags and advice are computed again with pandas. Then the same with many more gaps.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
csv=$(readings_csv)

cat >check.py <<'PYTHON'
import json, sys
import numpy as np
import pandas as pd

csv, before, after, gap_hours, low_temp = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5])
columns = ["temperature_c", "humidity", "pressure", "wind_speed"]
source = pd.read_csv(csv, keep_default_na=False, dtype=str)
seconds = pd.to_datetime(source.timestamp, utc=True).astype("int64").to_numpy() / 1e9
expected = {c: pd.to_numeric(source[c]).to_numpy(dtype=float) for c in columns}
empty = {c: np.isnan(expected[c]) for c in columns}
should_fill = {c: np.zeros(len(source), bool) for c in columns}
if gap_hours > 0:
    for rows in source.groupby("city", sort=False).indices.values():
        t = seconds[rows]
        assert (np.diff(t) > 0).all()
        for c in columns:
            v, known = expected[c][rows], ~empty[c][rows]
            if known.all() or not known.any():
                continue
            at = np.flatnonzero(known)
            last = np.searchsorted(at, np.arange(len(t)), side="right") - 1  # the known value before each row
            inside = ~known & (last >= 0) & (last < len(at) - 1)
            span = np.full(len(t), np.inf)
            span[inside] = t[at[last[inside] + 1]] - t[at[last[inside]]]
            fill = inside & (span <= gap_hours * 3600)
            should_fill[c][rows] = fill
            expected[c][rows[fill]] = np.interp(t[fill], t[known], v[known])

bad = filled = left = 0
worst = 0.0
counts = dict(high=0, low=0, umbrella=0)
words = source.weather.str.lower()
wet = words.str.contains(r"\b(?:rain|drizzle|sleet)\b") | (words.str.contains(r"\bshowers?\b") & ~words.str.contains(r"\bsnow\b"))
rows = 0
with open(before) as old_lines, open(after) as new_lines:
    for i, (old, new) in enumerate(zip(old_lines, new_lines, strict=True)):
        rows += 1
        new_record = json.loads(new)
        wrong = []
        if not any(should_fill[c][i] for c in columns):
            if not new.startswith(old.rstrip("\n")[:-1] + ',"mod_high_temp":'):
                wrong.append("bytes changed")
        for c in columns:
            value = new_record[c]
            if empty[c][i] and not should_fill[c][i]:
                left += 1
                if value is not None:
                    wrong.append(f"{c} should be null")
            elif value is None:
                wrong.append(f"{c} should be {expected[c][i]}")
            else:
                error = abs(value - expected[c][i]) / max(abs(expected[c][i]), 1e-9)
                worst = max(worst, error)
                filled += bool(empty[c][i])
                if error > (1e-12 if empty[c][i] else 0):
                    wrong.append(f"{c} should be {expected[c][i]}")
        temperature = expected["temperature_c"][i]
        flags = (None, None) if np.isnan(temperature) else (bool(temperature > 23), bool(temperature < low_temp))
        if (new_record["mod_high_temp"], new_record["low_temp"]) != flags:
            wrong.append(f"flags should be {flags}")
        if ("umbrella" in new_record["advice"]) != wet[i]:
            wrong.append(f"umbrella should be {wet[i]}")
        counts["high"] += flags[0] is True
        counts["low"] += flags[1] is True
        counts["umbrella"] += bool(wet[i])
        if wrong:
            bad += 1
            if bad <= 5:
                print("WRONG", wrong, new.rstrip(), file=sys.stderr)
print(f"{rows} records, {filled} cells filled (largest relative difference to numpy.interp {worst:.1e}), {left} left null; "
      f"{counts['high']} above 23 °C, {counts['low']} below {low_temp} °C, {counts['umbrella']} with an umbrella; {bad} wrong")
sys.exit(bad > 0 or rows != len(source))
PYTHON

"$WEIR_BIN/csv-tail" "$csv" >plain.ndjson

echo "without --max-gap:"
"$WEIR_BIN/weather-advise" plain.ndjson >advised.ndjson
/usr/bin/python3 check.py "$csv" plain.ndjson advised.ndjson 0 5

echo "with --max-gap 3h:"
"$WEIR_BIN/weather-advise" --max-gap 3h --low-temp -2.5 plain.ndjson 2>words >advised.ndjson
cat words
/usr/bin/python3 check.py "$csv" plain.ndjson advised.ndjson 3 -2.5

# Runs of one to six hours taken out of every column, some 5 % of all cells: fills, gaps too long, many at a time.
/usr/bin/python3 - "$csv" gappy.csv <<'PYTHON'
import sys
import numpy as np, pandas as pd
table = pd.read_csv(sys.argv[1], keep_default_na=False, dtype=str)
random = np.random.default_rng(7)
for rows in table.groupby("city", sort=False).indices.values():
    for column in ["temperature_c", "humidity", "pressure", "wind_speed"]:
        values = table[column].to_numpy()
        for start in np.flatnonzero(random.random(len(rows)) < 0.015):
            values[rows[start:start + random.integers(1, 7)]] = ""
table.to_csv(sys.argv[2], index=False)
PYTHON
"$WEIR_BIN/csv-tail" gappy.csv >gappy.ndjson
echo "with 5 % of the cells taken out, --max-gap 4h:"
"$WEIR_BIN/weather-advise" --max-gap 4h gappy.ndjson 2>words >advised.ndjson
cat words
/usr/bin/python3 check.py gappy.csv gappy.ndjson advised.ndjson 4 5

# A bound on memory loses no record: order and everything that was not filled stay the same.
"$WEIR_BIN/weather-advise" --max-gap 4h --max-held 60K gappy.ndjson 2>words >held.ndjson
cat words
/usr/bin/python3 - gappy.ndjson advised.ndjson held.ndjson <<'PYTHON'
import json, sys
before, whole, bounded = (open(path) for path in sys.argv[1:])
fewer = 0
for old, full, some in zip(before, whole, bounded, strict=True):
    old, full, some = json.loads(old), json.loads(full), json.loads(some)
    for name, value in old.items():
        if value is not None:
            assert some[name] == value, some
        elif some[name] is None:
            fewer += full[name] is not None
        else:
            assert some[name] == full[name], (some, full)
print(f"with --max-held 60K no record is lost or changed; {fewer} cells fewer are filled")
sys.exit(fewer == 0)
PYTHON
