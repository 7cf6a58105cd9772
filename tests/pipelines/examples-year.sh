#!/usr/bin/env bash
# examples/year: the hottest days, the longest rains and the months of a year of readings are those that SQLite finds.
# labels: csv
# tools: csv-tail win-agg csv-append sensor-sim
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
awk -F, 'NR == 1 || $2 ~ /^(Beersheba|Boston|Montreal|Seattle|Vancouver)$/' "$(readings_csv)" >year.csv
ZONE=Europe/Berlin "$WEIR_SOURCE/examples/year/year.sh" year.csv 2>messages || { cat messages; exit 1; }

/usr/bin/python3 - year.csv <<'PYTHON'
import csv, sqlite3, sys
from datetime import datetime
from zoneinfo import ZoneInfo
zone = ZoneInfo("Europe/Berlin")
base = sqlite3.connect(":memory:")
base.execute("create table readings (epoch integer, day text, city text, t real, rain integer)")
def row(line):
    moment = datetime.fromisoformat(line["timestamp"])
    return (int(moment.timestamp()), moment.astimezone(zone).strftime("%Y-%m-%d"), line["city"],
            float(line["temperature_c"]) if line["temperature_c"] else None, "rain" in line["weather"])
with open(sys.argv[1]) as lines:
    base.executemany("insert into readings values (?, ?, ?, ?, ?)", map(row, csv.DictReader(lines)))

def answers(name):
    with open(name) as lines: return list(csv.DictReader(lines))
def year_of(row): return datetime.fromisoformat(row["window_start"]).astimezone(zone).strftime("%Y")
def check(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {sorted(set(got) - set(expected))[:3]} where there should be {sorted(set(expected) - set(got))[:3]}; {len(got)} of {len(expected)}")
    print(f"{what}: {len(got)} rows as SQLite has them")

# Of days that are equally hot any is right.
hottest = base.execute("select city, substr(day, 1, 4), max(t) from readings where t is not null group by 1, 2 order by 1, 2").fetchall()
rows = answers("hottest.csv")
check("hottest days", sorted((r["city"], year_of(r), float(r["hottest"])) for r in rows), hottest)
for r in rows:
    [(most,)] = base.execute("select max(t) from readings where city = ? and day = ?", (r["city"], r["local_date"]))
    if most != float(r["hottest"]): sys.exit(f"{r}: that day had {most}")

# Gaps and islands: a rain begins where none was in the 61 minutes before.
rains = """with rained as (select *, coalesce(epoch - lag(epoch) over (partition by city order by epoch) >= 3660, 1) as begins from readings where rain),
  numbered as (select *, sum(begins) over (partition by city order by epoch) as number from rained),
  rain as (select city, min(epoch) as begin, min(day) as day, count(*) as hours from numbered group by city, number)"""
longest = base.execute(rains + "select city, substr(day, 1, 4), max(hours) from rain group by 1, 2 order by 1, 2").fetchall()
rows = answers("rain.csv")
check("longest rains", sorted((r["city"], year_of(r), int(r["hours"])) for r in rows), longest)
begun = set(base.execute(rains + "select city, begin, hours from rain"))
wrong = [r for r in rows if (r["city"], int(datetime.fromisoformat(r["begin"]).timestamp()), int(r["hours"])) not in begun]
if wrong: sys.exit(f"no rain began so: {wrong[0]}")

months = base.execute("select city, substr(day, 1, 7) || '-01', min(t), max(t), count(t), avg(t) from readings group by 1, 2 order by 1, 2").fetchall()
rows = sorted(answers("months.csv"), key=lambda r: (r["city"], r["local_date"]))
check("months", [(r["city"], r["local_date"], float(r["coldest"]), float(r["hottest"]), int(r["readings"])) for r in rows], [m[:5] for m in months])
for r, m in zip(rows, months):
    if abs(float(r["mean"]) - m[5]) > 0.0500001: sys.exit(f"{r}: the mean is {m[5]}")
PYTHON
# The file that is shipped has an answer too, and no reading is late in it.
"$WEIR_SOURCE/examples/year/year.sh" "$WEIR_SOURCE/examples/data/readings.csv"
[ "$(wc -l <months.csv)" -eq 4 ] # three cities
