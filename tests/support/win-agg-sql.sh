# What the tests of win-agg against PostgreSQL share: a server, a year of readings as a table (a plain COPY of the CSV) and as NDJSON, and the
# comparison. Sourced first.
#
#   readings_of CITY…   table `readings`, year.ndjson and shuffled.ndjson (out of order by up to two days) of those cities; all without one
#   theirs QUERY        a query's rows, TAB-separated; z(timestamptz) writes a time as the tools do
#   same WHAT OURS [f]  the rows in the NDJSON file OURS are those on stdin: times, keys and columns in order, numbers to 1e-12
# shellcheck shell=bash

source "$WEIR_SOURCE/tests/support/begin.sh"
export PGOPTIONS="-c jit=off -c work_mem=256MB -c max_parallel_workers_per_gather=0 -c synchronous_commit=off"
csv=$(readings_csv)
start_postgres

run_sql() { "$PARTS_PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
theirs() { run_sql -At -F $'\t' -c "$1"; }

readings_of() {
  run_sql -c "CREATE TABLE readings (timestamp timestamptz, city text COLLATE \"C\", temperature_c numeric, humidity numeric, pressure numeric, wind_speed numeric, weather text)" \
    -c "CREATE FUNCTION z(t timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS \$\$ SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') \$\$" \
    -c "\\copy readings FROM '$csv' CSV HEADER"
  csv-tail "$csv" >year.ndjson
  if [ $# -gt 0 ]; then
    local pattern list
    printf -v pattern '"city":"%s"|' "$@"
    printf -v list "'%s'," "$@"
    grep -E "${pattern%|}" year.ndjson >few.ndjson
    mv few.ndjson year.ndjson
    run_sql -c "DELETE FROM readings WHERE city NOT IN (${list%,})"
  fi
  run_sql -c "VACUUM ANALYZE readings"
  /usr/bin/python3 - <<'PY'
import random
random.seed(4)
lines = open("year.ndjson").readlines()
hours = {}
at = [hours.setdefault(line.split('"timestamp":"', 1)[1][:13], len(hours)) + random.uniform(0, 47.9) for line in lines]
order = sorted(range(len(lines)), key=at.__getitem__)
assert order != list(range(len(lines)))
open("shuffled.ndjson", "w").writelines(lines[i] for i in order)
PY
  rows=$(($(wc -l <year.ndjson)))
  [ "$rows" -eq "$(theirs 'SELECT count(*) FROM readings')" ] && [ "$rows" -gt 1000 ]
}

cat >same.py <<'PY'
import json, sys
what, ours = sys.argv[1:3]
names, worst, rows = None, 0.0, 0
with open(ours) as file:
    for line, want in zip(file, sys.stdin, strict=True):
        row = json.loads(line)
        if names is None:
            names = list(row)
            assert names[:2] == ["window_start", "window_end"] and "partial" in names[-2:], names
        assert list(row) == names, (list(row), names)
        row.pop("partial")
        row.pop("rev", None)
        want = want.rstrip("\n").split("\t")
        assert len(want) == len(row), (row, want)
        for (name, value), text in zip(row.items(), want):
            if value is None or text == "":
                assert value is None and text == "", (name, row, want)
            elif isinstance(value, str):
                assert value == text, (name, row, want)
            elif (error := abs(value - float(text))) != 0:
                error /= max(abs(float(text)), 1)
                worst = max(worst, error)
                assert error <= 1e-12, (name, value, text, row)
        rows += 1
assert rows > 0, "no rows"
print(f"{what}: {rows} rows equal PostgreSQL's{f', numbers within {worst:.0e}' if worst else ', to the last digit'}")
PY
same() { /usr/bin/python3 same.py "$@"; }
