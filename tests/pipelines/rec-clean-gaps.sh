#!/usr/bin/env bash
# rec-clean --fill beside pandas: gaps of thirty series on a line, by the last value, and with the records that are missing.
# labels: numpy
# tools: rec-clean
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
cat >gaps.py <<'PY'
import collections
import datetime
import json
import random
import subprocess

import pandas as pd

chance = random.Random(5)
start = pd.Timestamp("2026-07-01T00:00:00Z")
rows = []
for sensor in range(30):
    time, level = start + pd.Timedelta(seconds=sensor), 20.0
    for step in range(400):
        regular = sensor % 2 == 0
        time += pd.Timedelta(seconds=60 if regular else chance.choice([60, 60, 61, 75, 300, 2000]))
        level += chance.gauss(0, 1)
        if chance.random() < .1 and step > 0:
            continue  # a missing record
        values = {name: None if chance.random() < .25 else round(level + shift, 2) for name, shift in (("a", 0), ("b", 5))}
        rows.append((time, {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "sensor": f"s{sensor}", "mark": len(rows), **values}))
rows.sort(key=lambda row: row[0])
lines = "".join(json.dumps(record) + "\n" for _, record in rows)
limit = pd.Timedelta(minutes=5)


def run(*options):
    out = subprocess.run(["rec-clean", "--by", "sensor", "--max-gap", "5m", *options], input=lines, capture_output=True, text=True, check=True).stdout
    series = collections.defaultdict(list)
    for line in out.split("\n")[:-1]:
        record = json.loads(line)
        series[record["sensor"]].append(record)
    return series


def known_around(series):
    """The times of the last known value before and the next one after each."""
    times = pd.Series(series.index, index=series.index).where(series.notna())
    return times.ffill(), times.bfill()


seen = collections.Counter()


def same(got, frame):
    assert [r["timestamp"] for r in got] == [t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in frame.index], got[0]["sensor"]
    for name, method in (("a", "linear"), ("b", "last")):
        column = frame[name]
        before, after = known_around(column)
        if method == "linear":
            # pandas interpolates by position on any index but its own, so the times are seconds.
            seconds = pd.Series(column.to_numpy(), index=[t.timestamp() for t in column.index])
            filled = pd.Series(seconds.interpolate("index", limit_area="inside").to_numpy(), index=column.index).where(after - before <= limit)
        else:
            times = pd.Series(column.index, index=column.index)
            filled = column.ffill().where(times - before <= limit)
        want = column.where(column.notna(), filled)
        for record, value, was in zip(got, want, column, strict=True):
            assert record[f"{name}_filled"] == (pd.isna(was) and not pd.isna(value)), (name, record, value)
            seen[name, record[f"{name}_filled"]] += 1
            if pd.isna(value):
                assert record[name] is None, (name, record)
            else:
                assert abs(record[name] - value) < 1e-9, (name, record, value)


def frames(grid):
    groups = collections.defaultdict(list)
    for time, record in rows:
        groups[record["sensor"]].append({"time": time, "a": record["a"], "b": record["b"]})
    for sensor, records in groups.items():
        frame = pd.DataFrame(records).set_index("time").astype(float)
        if grid:
            times = [frame.index[0]]
            for time in frame.index[1:]:
                last = times[-1]
                step = last + pd.Timedelta(minutes=1)
                while time - last <= limit and step + pd.Timedelta(seconds=30) < time:
                    times.append(step)
                    step += pd.Timedelta(minutes=1)
                times.append(time)
            frame = frame.reindex(pd.DatetimeIndex(times))
        yield sensor, frame


for grid in (False, True):
    got = run("--fill", "a=linear,b=last", *(["--every", "1m"] if grid else []))
    count = 0
    for sensor, frame in frames(grid):
        same(got[sensor], frame)
        count += len(frame)
    assert not grid or count > len(rows) + 500
    print(f"{'with missing records' if grid else 'as it came'}: {count} records of {len(rows)}, {seen['a', True]} values on a line, {seen['b', True]} by the last value")
    assert seen["a", True] > 500 and seen["b", True] > 500
PY
/usr/bin/python3 gaps.py
