#!/usr/bin/env bash
# A lake as other programs read it: pyarrow, DuckDB and deltalake find the rows, types and partitions of the records, and read no other
# partitions than they need. Two writers fill one Delta table; a second copy of a pipeline is kept out; a full disk loses nothing.
# labels: lake
# tools: lake-load csv-tail win-agg
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with pyarrow==26.0.1 duckdb==2.0.1 deltalake==1.6.0)
# Runs a program of standard input. The libraries' threads sometimes abort at the interpreter's end, so it does not get there.
python_of() { "$python" -c 'import os, sys; exec(sys.stdin.read()); sys.stdout.flush(); os._exit(0)'; }
fail() { echo "FAILED: $*" >&2; exit 1; }

# Records of all types, some of whose fields come late; values that a careless writer loses.
python_of >records.ndjson <<'PYTHON'
import json
for n in range(3000):
    site = ["north", "süd/ost", "a=b 50%"][n % 3]
    record = {"timestamp": f"2026-02-{27 + n // 1500:02}T{n // 60 % 24:02}:{n % 60:02}:00.000001Z", "site": site, "n": n, "ratio": n / 7, "on": n % 2 == 0,
              "note": None if n < 2000 else f"note {n}", "place": {"lat": n / 100, "tags": ["x", n]}, "amount": None}
    text = json.dumps(record, ensure_ascii=False).replace('"amount": null', f'"amount": {n}.{n % 10000:04}1234567890123456789')
    if n % 100 == 50:
        text = text.replace(f'"site": "{site}"', '"site": null')
    print(text)
print('{"timestamp":"2026-02-28T00:00:00Z","site":"north","n":1.5}')  # does not fit
PYTHON
options=(--partition 'site={site}/dt={timestamp:%F}' --type n=bigint --type 'amount=decimal(38,23)' --roll-rows 400 --row-group 100)
lake-load lake "${options[@]}" --rejects rejects records.ndjson
lake-load table --delta "${options[@]}" --rejects /dev/null records.ndjson
[ "$(jq -r .reason rejects)" = 'n 1.5 does not fit its column of type bigint' ] || fail "the reject is $(cat rejects)"
lake-load again --delta "${options[@]}" --rejects /dev/null records.ndjson
diff -r -x _delta_log -x _weir table again || fail "the same records make other files"

cat >read.py <<'PYTHON'
import datetime as dt
import json
from decimal import Decimal
import deltalake, duckdb
import pyarrow as pa
import pyarrow.dataset as ds

wanted = {}
for line in list(open("records.ndjson"))[:-1]:
    record = json.loads(line, parse_float=str)
    record["ratio"], record["place"] = float(record["ratio"]), line[line.index('{"lat"'):line.index("}") + 1]
    record["amount"] = Decimal(record["amount"])
    record["timestamp"] = dt.datetime.fromisoformat(record["timestamp"])
    record["dt"] = record["timestamp"].date()
    wanted[record["n"]] = record

def compare(what, rows):
    found = {row["n"]: row for row in rows}
    assert len(found) == len(rows) == len(wanted), (what, len(rows))
    for n, record in wanted.items():
        assert found[n] == record, (what, found[n], record)

types = {"timestamp": pa.timestamp("us", tz="UTC"), "n": pa.int64(), "ratio": pa.float64(), "on": pa.bool_(), "note": pa.string(),
         "place": pa.string(), "amount": pa.decimal128(38, 23)}
fields = pa.schema([*types.items(), ("site", pa.string()), ("dt", pa.date32())])
lake = ds.dataset("lake", partitioning=ds.partitioning(pa.schema([("site", pa.string()), ("dt", pa.date32())]), flavor="hive"), schema=fields)
compare("pyarrow", lake.to_table().to_pylist())
for path in lake.files:
    for field in ds.dataset(path).schema:
        assert types[field.name] == field.type, (path, field)
two = lake.get_fragments(filter=(ds.field("site") == "a=b 50%") & (ds.field("dt") == dt.date(2026, 2, 28)))
assert len(list(two)) == 2, "partitions are not pruned by pyarrow"

duck = duckdb.connect()
duck.sql("set timezone = 'UTC'")
source = "read_parquet('lake/**/*.parquet', hive_partitioning = true, union_by_name = true)"
rows = duck.sql(f"select * from {source}").to_arrow_table().to_pylist()
compare("DuckDB", rows)
plan = duck.sql(f"explain analyze select count(*) from {source} where site = 'north' and dt = date '2026-02-27'").fetchall()[0][1]
assert "Scanning Files: 2/" in plan or "Total Files Read: 2" in plan, plan

table = deltalake.DeltaTable("table")
assert table.version() >= 0 and table.transaction_version("weir/load") is not None
compare("deltalake", table.to_pyarrow_table().to_pylist())
assert len(table.file_uris([("site", "=", "north"), ("dt", "=", "2026-02-28")])) == 2, "partitions are not pruned by deltalake"
stats = table.get_add_actions(flatten=True)
stats = pa.table(stats).to_pylist()
assert sum(each["num_records"] for each in stats) == len(wanted)
assert min(each["min.n"] for each in stats) == 0 and max(each["max.n"] for each in stats) == 2999
PYTHON
python_of <read.py

# A table that another program has made gets rows, its schema a column, and the program's own rows stay.
python_of <<'PYTHON'
import deltalake, pyarrow as pa
deltalake.write_deltalake("shared", pa.table({"v": pa.array([1, 2], pa.int64()), "day": ["a", "a"]}), partition_by=["day"])
PYTHON
printf '{"v":3,"day":"b","w":"new"}\n' | lake-load shared --delta --partition 'day={day}' --name first
printf '{"v":4,"day":"a","w":"x"}\n{"v":5.5,"day":"a"}\n' | lake-load shared --delta --partition 'day={day}' --name second --rejects /dev/null
python_of <<'PYTHON'
import deltalake
rows = deltalake.DeltaTable("shared").to_pyarrow_table().sort_by("v").to_pylist()
assert rows == [{"v": 1, "day": "a", "w": None}, {"v": 2, "day": "a", "w": None}, {"v": 3, "day": "b", "w": "new"}, {"v": 4, "day": "a", "w": "x"}], rows
PYTHON

# Windows into a table with state: killed and started again, each is there once. A second copy finds the table's folder taken.
{ echo timestamp,key,value; for ((i = 0; i < 2000; i++)); do printf '2026-03-01T%02d:%02d:00Z,k%d,%d\n' $((i / 60 % 24)) $((i % 60)) $((i % 3)) "$i"; done | sort; } >in.csv
run_group "csv-tail --state state --checkpoint-records 100 in.csv | win-agg --state state --every 1h --by key --late drop --agg 'sum(value) as total' |
  lake-load --state state --pipe sums sums --delta --partition 'key={key}'"
wait_until 20 test -e sums/_weir/sums/journal
kill_group
status=0
flock sums/_weir/sums/lock lake-load sums --name sums --delta --partition 'key={key}' </dev/null 2>copy.err || status=$?
[ "$status" = 1 ] && grep 'another process writes under the name sums' copy.err >/dev/null || fail "a second copy: $status, $(cat copy.err)"
csv-tail --state state --checkpoint-records 100 in.csv | win-agg --state state --every 1h --by key --late drop --agg 'sum(value) as total' |
  lake-load --state state --pipe sums sums --delta --partition 'key={key}'
python_of <<'PYTHON'
import deltalake
rows = deltalake.DeltaTable("sums").to_pyarrow_table().to_pylist()
assert len({(row["key"], row["window_start"]) for row in rows}) == len(rows) == 72, len(rows)
assert sum(row["total"] for row in rows) == sum(range(2000)), rows
PYTHON

# A disk that is full stops the run with a message; with room the same records are there once.
if [ "$(id -u)" = 0 ]; then
  mkdir small
  PATH=$PATH unshare --mount bash -euo pipefail -c '
    mount -t tmpfs -o size=120k weir-small small
    run() { csv-tail --state state.small --checkpoint-records 1000 big.csv | lake-load --state state.small small/table --delta --roll-rows 3000; }
    { echo n,text; for ((i = 0; i < 9000; i++)); do echo "$i,text $RANDOM$RANDOM$RANDOM$RANDOM"; done; } >big.csv
    if run 2>full.err; then echo "FAILED: the disk was not full" >&2; exit 1; fi
    grep -i "no space left" full.err >/dev/null || { cat full.err >&2; exit 1; }
    mount -o remount,size=20m small
    run
    python='"$python"'
    '"$(declare -f python_of)"'
    echo "import deltalake; assert sorted(int(row[\"n\"]) for row in deltalake.DeltaTable(\"small/table\").to_pyarrow_table().to_pylist()) == list(range(9000))" | python_of'
fi
