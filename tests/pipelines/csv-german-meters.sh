#!/usr/bin/env bash
# labels: csv pg
# tools: csv-tail pg-load
# timeout: 300
# A year of meter exports as German utilities write them, by csv-tail and pg-load alone: every row is in the table, each at its
# own time, also in the nights when clocks change. Python's zoneinfo and pandas read the same files.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_postgres
export PSQLRC=/dev/null
sql() { psql -qAt -F '|' -c "$1"; }

# Four meters, quarter of an hour by quarter of an hour, a file a month: Windows-1252, a few lines before the header, local times
# without an offset, decimal commas, groups of thousands, a header again in each file, now and then a value that is not there.
mkdir months
/usr/bin/python3 - <<'PYTHON'
import datetime as d, json, random, zoneinfo
random.seed(11)
berlin, utc = zoneinfo.ZoneInfo("Europe/Berlin"), d.timezone.utc
begin, end = (d.datetime(y, 1, 1, tzinfo=berlin).astimezone(utc) for y in (2026, 2027))
def german(value): return f"{value:,.3f}".replace(",", "x").replace(".", ",").replace("x", ".")
months, readings, expected, time = {}, [900.0, 1e6, 12.5, 99999.0], [], begin
while time < end:
    local = time.astimezone(berlin)
    for meter in range(4):
        used = round(random.uniform(0, 2), 3)
        readings[meter] += used
        missing = random.random() < 0.01
        months.setdefault(local.month, []).append(
            f"00{4711 + meter};{local:%d.%m.%Y};{local:%H:%M};{'k.A.' if missing else german(used)};{german(readings[meter])};Müller & Söhne")
        expected.append([f"00{4711 + meter}", int(time.timestamp()), None if missing else f"{used:.3f}", f"{readings[meter]:.3f}"])
    time += d.timedelta(minutes=15)
for month, rows in months.items():
    header = "Zähler;Datum;Uhrzeit;Verbrauch kWh;Zählerstand;Kunde"
    half = len(rows) // 2
    lines = ["Lastgang Straße 5", f"Monat {month}", "", header, *rows[:half], header, *rows[half:]]
    with open(f"months/{month:02}.csv", "w", encoding="cp1252", newline="") as out: out.write("\r\n".join(lines) + "\r\n")
json.dump(sorted(expected), open("expected.json", "w"))
PYTHON

status=0
csv-tail --encoding windows-1252 --skip-lines 3 --delimiter ';' --decimal , --thousands . --null k.A. --text Zähler \
  --time Datum,Uhrzeit --time-format '%d.%m.%Y %H:%M' --tz Europe/Berlin \
  --rename Zähler=meter --rename Datum=ts --rename 'Verbrauch kWh=kwh' --rename Zählerstand=reading --rename Kunde=customer months/*.csv 2>messages |
  pg-load --time ts --table meters --create --upsert meter,ts --type meter=text --type kwh=numeric --type reading=numeric 2>loaded || status=$?
cat messages loaded
[ $status -eq 0 ]
[ "$(grep -c 'the header row is repeated' messages)" -eq 1 ]
grep -qx 'csv-tail: 12 repeated headers left out' messages

sql "copy (select json_agg(r order by r->>0, (r->>1)::bigint) from (select json_build_array(meter, extract(epoch from ts)::bigint, kwh::text, reading::text) r from meters) t) to stdout" >got.json
/usr/bin/python3 - <<'PYTHON'
import json, sys
from decimal import Decimal
expected, got = json.load(open("expected.json")), json.load(open("got.json"))
def number(text): return None if text is None else Decimal(text)
if len(got) != len(expected): sys.exit(f"{len(got)} rows in the table, {len(expected)} in the files")
for e, g in zip(expected, got):
    if e[:2] != g[:2] or number(e[2]) != number(g[2]) or number(e[3]) != number(g[3]): sys.exit(f"expected {e}, got {g}")
print(f"{len(got)} rows, each at its time and with its value")
PYTHON
# The long day and the short one have their hours.
[ "$(sql "select string_agg(n::text, ' ' order by day) from (select (ts at time zone 'Europe/Berlin')::date as day, count(*) n from meters where meter = '004711' group by 1 having count(*) <> 96) t")" = "92 100" ]

# pandas reads one of the files, and gets the same numbers.
/usr/bin/python3 - <<'PYTHON' >pandas.txt
import pandas
table = pandas.read_csv("months/10.csv", sep=";", encoding="cp1252", skiprows=3, decimal=",", thousands=".", na_values=["k.A."], dtype={"Zähler": str})
table = table[table["Zähler"] != "Zähler"]
def number(text): return float(str(text).replace(".", "").replace(",", ".")) if isinstance(text, str) else float(text)
print(len(table), f"{table['Verbrauch kWh'].map(number).sum():.3f}", f"{table['Zählerstand'].map(number).max():.3f}")
PYTHON
sql "select count(*) || ' ' || sum(kwh) || ' ' || max(reading) from meters where (ts at time zone 'Europe/Berlin')::date between '2026-10-01' and '2026-10-31'" | diff pandas.txt -
echo "October is as pandas reads it: $(cat pandas.txt)"
