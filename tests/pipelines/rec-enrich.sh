#!/usr/bin/env bash
# rec-enrich beside pandas: 30,000 records in three tables by key, as of a time and in intervals; and a table that changes between two runs.
# tools: rec-enrich csv-tail csv-append pipe-run
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"

# 1. merge, merge_asof and intervals.
cat >make.py <<'PYTHON'
import json, random
rng = random.Random(11)
stamp = lambda seconds: f"2026-01-{1 + seconds // 86400:02d}T{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"
with open("meters.csv", "w") as out:
    out.write("meter,site,customer_id,note,tariff\n")
    for meter in range(400):
        for site in ("a", "b"):
            note = rng.choice(["", "plain", '"with, a comma"', '"a ""quote"""', "ümlaut"])
            out.write(f"{meter},{site},C-{rng.randrange(10**6)},{note},{rng.choice('xyz')}\n")
with open("prices.ndjson", "w") as out:
    rows = [(tariff, rng.randrange(20 * 86400)) for tariff in "xyz" for _ in range(60)]
    for tariff, since in set(rows):
        out.write(json.dumps({"tariff": tariff, "since": stamp(since), "price": round(rng.uniform(5, 40), 2)}) + "\n")
with open("bands.csv", "w") as out:
    out.write("site,low,high,band\n")
    for site in ("a", "b"):
        edges = sorted(rng.sample(range(-100, 100), 12))
        for low, high in zip(edges[::2], edges[1::2]):
            out.write(f"{site},{low / 10},{high / 10},{site}{low}\n")
with open("records.ndjson", "w") as out:
    for number in range(30000):
        record = {"n": number, "timestamp": stamp(rng.randrange(25 * 86400)), "meter": rng.randrange(440), "site": rng.choice("abc"),
                  "value": round(rng.uniform(-12, 12), 1)}
        out.write(json.dumps(record) + "\n")
PYTHON
/usr/bin/python3 make.py
rec-enrich --table meters.csv --on meter,site --as-of - --between - --max-age - \
  --table prices.ndjson --on tariff --as-of since --between - --max-age 12h \
  --table bands.csv --on site --as-of - --between value=low..high --max-age - --miss null records.ndjson >enriched 2>words
/usr/bin/python3 - <<'PYTHON'
import json, pandas as pd
records = pd.read_json("records.ndjson", lines=True, convert_dates=False)
found = [json.loads(line) for line in open("enriched")]
assert [list(record) for record in found] == [["n", "timestamp", "meter", "site", "value", "customer_id", "note", "tariff", "price", "band"]] * len(records)
meters = pd.read_csv("meters.csv", keep_default_na=False)
wide = records.merge(meters, on=["meter", "site"], how="left")
wide["time"] = pd.to_datetime(wide["timestamp"])
prices = pd.read_json("prices.ndjson", lines=True, convert_dates=False)
prices["since"] = pd.to_datetime(prices["since"])
wide = pd.merge_asof(wide.sort_values("time"), prices.sort_values("since"), left_on="time", right_on="since", by="tariff",
                     tolerance=pd.Timedelta("12h")).sort_values("n")
bands = pd.read_csv("bands.csv")
inside = records.merge(bands, on="site")
inside = inside[(inside["value"] >= inside["low"]) & (inside["value"] < inside["high"])].set_index("n")["band"]
assert inside.index.is_unique
null = lambda value: None if value == "" or pd.isna(value) else value
hits = {"customer_id": 0, "price": 0, "band": 0}
for record, row in zip(found, wide.itertuples()):
    expected = {"customer_id": null(row.customer_id), "note": null(row.note), "price": null(row.price), "band": inside.get(record["n"])}
    assert {name: record[name] for name in expected} == expected, (record, expected)
    for name in hits:
        hits[name] += record[name] is not None
assert all(2000 < hit < 29000 for hit in hits.values()), hits
print("tables: 30,000 records as pandas has them:", hits)
PYTHON

# 2. A table that has changed by the next run of a pipeline: the records of the first run keep what they got.
printf 'id,v\na,1\n' >table.csv
printf 'id\na\na\n' >in.csv
pipeline=(pipe-run --state state -- 'csv-tail --checkpoint-records 1 in.csv | rec-enrich --table table.csv --on id | csv-append out.csv')
"${pipeline[@]}" 2>words
printf 'id,v\na,2\n' >new.csv && mv new.csv table.csv
echo a >>in.csv
"${pipeline[@]}" 2>words
[ "$(tr '\n' ' ' <out.csv)" = "id,v a,1 a,1 a,2 " ] || { echo "FAILED rec-enrich: $(cat out.csv)" >&2; exit 1; }
grep -q 'rec-enrich: table.csv is another one than at the snapshot: it holds from here on' words || { cat words; exit 1; }
echo "a table that changes: old rows before the snapshot, new ones after it"

# 3. A table that changes while one run reads: --reload finds the new rows, and a file that is no table leaves them.
mkfifo live
: >reloaded
rec-enrich --table table.csv --on id --reload 10ms <live >reloaded 2>words &
stage=$!
parts_pids+=("$stage")
exec 5>live
# gets ROW: the next record gets this row; records are sent until one does.
gets() {
  local before
  before=$(wc -l <reloaded)
  echo '{"id":"a"}' >&5
  until [ "$(wc -l <reloaded)" -gt "$before" ]; do kill -0 $stage || { cat words >&2; exit 1; }; done
  [ "$(tail -n 1 reloaded)" = "{\"id\":\"a\",\"v\":$1}" ]
}
gets 2
printf 'id,v\na,3\nb,1\n' >new.csv && mv new.csv table.csv
wait_until 20 gets 3
grep -q 'rec-enrich: table.csv.*2 rows' words || { cat words; exit 1; }
printf 'id,id\na,4\n' >new.csv && mv new.csv table.csv
wrong() { gets 3 && [ "$(wc -l <words)" -ge 2 ]; }
wait_until 20 wrong
gets 3
exec 5>&-
wait $stage
echo "a table that changes while it runs (--reload): its new rows, and no others when it is none"
