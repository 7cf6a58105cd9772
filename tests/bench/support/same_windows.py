"""Whether a peer's rows (minute, sensor, count, min, max, mean as CSV) are those of win-agg: same_windows.py WIN_AGG.ndjson PEER.csv

Counts, least and greatest values must be equal, means to 1e-9; otherwise it says where they differ and ends with 1.
"""
import csv
import json
import math
import sys

expected = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    expected[row["window_start"][:16], row["sensor"]] = (row["n"], row["min"], row["max"], row["mean"])
found = 0
for minute, sensor, n, least, greatest, mean in csv.reader(open(sys.argv[2])):
    found += 1
    row = expected.get((minute[:16].replace(" ", "T"), sensor))
    same = row and (int(n), float(least), float(greatest)) == row[:3] and math.isclose(float(mean), row[3], rel_tol=1e-9)
    if not same:
        sys.exit(f"{sys.argv[2]}: {minute} {sensor}: {n} {least} {greatest} {mean}, win-agg has {row}")
if found != len(expected):
    sys.exit(f"{sys.argv[2]}: {found} rows, win-agg has {len(expected)}")
