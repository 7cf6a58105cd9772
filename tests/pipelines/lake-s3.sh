#!/usr/bin/env bash
# lake-load into a bucket of versitygw, which verifies signatures: pyarrow, DuckDB and deltalake read the rows, types and partitions of the records,
# other writers and lake-load fill one Delta table, and under kills of stages and of the server each row is there once.
# labels: lake s3
# tools: lake-load csv-tail
# programs: go
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with pyarrow==26.0.1 duckdb==2.0.1 deltalake==1.6.0)
python_of() { "$python" -c 'import os, sys; exec(sys.stdin.read()); sys.stdout.flush(); os._exit(0)'; }
fail() { echo "FAILED: $*" >&2; exit 1; }
start_s3

python_of >in.ndjson <<'PYTHON'
import json
sites = ["a b/c", "..", "=%&?+", "süd", "x" * 80, "", None, "~'()*!$@,;:[]{}|^`\"<>\\"]
for n in range(4000):
    site = sites[n % len(sites)] or None
    print(json.dumps({"n": n, "site": site, "timestamp": f"2026-03-{1 + n // 2000:02}T00:00:{n % 60:02}.5Z", "ratio": n / 7}, ensure_ascii=n % 2 == 0))
PYTHON
options=(--partition 'site={site}/dt={timestamp:%F}' --type n=bigint --roll-rows 150)
lake-load 's3://lake/plain ü' "${options[@]}" in.ndjson
lake-load s3://lake/table --delta "${options[@]}" in.ndjson
lake-load s3://lake/table --delta --s3-style path --delta-checkpoint-every 1 --name more "${options[@]}" <<<'{"n":4000,"timestamp":"2026-03-02T00:00:00Z"}'
# Over TLS: a certificate of one's own authority, and one that is not trusted.
(
  source "$WEIR_SOURCE/tests/support/certificates.sh"
  authority ours
  authority theirs
  certificate gateway DNS:localhost
)
tls=$(free_port)
ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY serve_process tls.log "$tls" \
  "$S3_HOME/versitygw" --port "127.0.0.1:$tls" --cert "$PWD/gateway.pem" --key "$PWD/gateway.key" posix "$PARTS/s3/data"
lake-load s3://lake/tls --s3-endpoint "https://localhost:$tls" --cafile ours.pem in.ndjson
status=0
# A 501 in the name is not the answer of a server without If-None-Match.
lake-load 's3://lake/not trusted 501' --s3-endpoint "https://localhost:$tls" --cafile theirs.pem in.ndjson 2>tls.err || status=$?
[ "$status" = 1 ] && grep 'no trusted connection' tls.err >/dev/null || fail "a server that is not trusted: $status, $(cat tls.err)"
[ -e "$PARTS/s3/data/lake/tls" ] && [ ! -e "$PARTS/s3/data/lake/not trusted 501" ] || fail "TLS: $(ls "$PARTS/s3/data/lake")"

# An object that libcurl asks leave for (Expect: 100-continue), as it is larger than 1 MiB.
seq 500000 | sed 's/.*/{"n":&}/' >large.ndjson
lake-load s3://lake/large --format ndjson large.ndjson
cmp large.ndjson "$PARTS"/s3/data/lake/large/part-load-0000000001.ndjson
# One in parts: it is there whole or not at all, and nothing is left of an upload that was killed.
parts=(--format ndjson --s3-part-size 5M --roll-rows 2000000)
lake-load s3://lake/parts "${parts[@]}" --name one large.ndjson large.ndjson large.ndjson
cat large.ndjson large.ndjson large.ndjson | cmp - "$PARTS"/s3/data/lake/parts/part-one-0000000001.ndjson
being_put() { find "$PARTS/s3/data/lake/.sgwtmp" -type f 2>/dev/null; }
begun() { [ -n "$(being_put)" ]; }
whole() { find "$PARTS/s3/data/lake/killed" -name '*.ndjson' -size +1M; }
kills=0
for ((try = 1; kills < 3; try++)); do
  lake-load s3://lake/killed "${parts[@]}" large.ndjson large.ndjson large.ndjson 2>>killed.err &
  load=$!
  parts_pids+=("$load")
  until begun || ! kill -0 "$load" 2>/dev/null; do :; done
  kill -KILL "$load" 2>/dev/null || true
  wait "$load" 2>/dev/null || true
  lake-load s3://lake/killed "${parts[@]}" 2>killed.next <<<'{"n":0}'
  ! begun || fail "parts are left after kill $try: $(being_put)"
  if grep '1 upload aborted, which an earlier run has not completed' killed.next >/dev/null; then
    kills=$((kills + 1))
  else # the upload may be complete before the kill
    [ "$try" -lt 30 ] && [ -n "$(whole)" ] || fail "after kill $try: $(cat killed.next)"
    cat large.ndjson large.ndjson large.ndjson | cmp - "$(whole)" || fail "not the whole object after kill $try"
    rm "$(whole)"
  fi
done
[ "$(cat "$PARTS"/s3/data/lake/killed/*.ndjson | sort | uniq -c | tr -s ' ')" = " $((try - 1)) {\"n\":0}" ] || fail "half of an object: $(ls -l "$PARTS"/s3/data/lake/killed)"
status=0
AWS_SECRET_ACCESS_KEY=wrong lake-load s3://lake/table in.ndjson 2>wrong.err || status=$?
[ "$status" = 1 ] && grep SignatureDoesNotMatch wrong.err >/dev/null || fail "a wrong secret: $status, $(cat wrong.err)"
printf '%s\n' "$AWS_SECRET_ACCESS_KEY" >secret
chmod 600 secret
env -u AWS_SECRET_ACCESS_KEY lake-load s3://lake/by-file --s3-secret-file secret in.ndjson
cat >read.py <<'PYTHON'
import json
import deltalake
import pyarrow as pa, pyarrow.dataset as ds, pyarrow.fs as fs
key, secret, endpoint = (os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"))
s3 = fs.S3FileSystem(access_key=key, secret_key=secret, endpoint_override=endpoint.removeprefix("http://"), scheme="http", region="us-east-1")
storage = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_endpoint_url": endpoint, "aws_region": "us-east-1", "aws_allow_http": "true"}
PYTHON
{ cat read.py; cat; } <<'PYTHON' | python_of
wanted = {record["n"]: record for record in map(json.loads, open("in.ndjson"))}
hive = ds.partitioning(pa.schema([("site", pa.string()), ("dt", pa.date32())]), flavor="hive")
lake = ds.dataset("lake/plain ü", filesystem=s3, partitioning=hive)
for what, rows in (("pyarrow", lake.to_table().to_pylist()), ("deltalake", deltalake.DeltaTable("s3://lake/table", storage_options=storage).to_pyarrow_table().to_pylist())):
    found = {row["n"]: row for row in rows}
    found.pop(4000, None)
    assert len(found) == len(wanted) and len(rows) - len(wanted) in (0, 1), (what, len(rows))
    for n, record in wanted.items():
        row = found[n]
        assert (row["site"], row["ratio"], row["timestamp"].isoformat()[:19]) == (record["site"], record["ratio"], record["timestamp"][:19]), (what, row, record)
        assert row["dt"] == row["timestamp"].date(), (what, row)
few = list(lake.get_fragments(filter=(ds.field("site") == "a b/c")))
assert 0 < len(few) < 10, len(few)
table = deltalake.DeltaTable("s3://lake/table", storage_options=storage)
assert table.transaction_version("weir/load") >= 1 and table.transaction_version("weir/more") == 1
# deltalake writes, deletes and tidies; lake-load goes on from its checkpoint.
deltalake.write_deltalake(table, pa.table({"n": pa.array([5000], pa.int64()), "site": ["north"], "dt": pa.array([20513], pa.date32()),
                                           "timestamp": pa.array([0], pa.timestamp("us", "UTC")), "ratio": [0.5]}), mode="append")
table.delete("n < 2000")
table.create_checkpoint()
PYTHON
# DuckDB, by its extension httpfs, finds the rows, types and files of the bucket that it finds on a disk. It decodes listed keys, which versitygw
# does not encode as asked (encoding-type=url), so names of partitions are plain here.
jq -c 'if .site then .site = "site-\(.site | length)" else . end' in.ndjson >plain.ndjson
lake-load disk "${options[@]}" plain.ndjson
lake-load 's3://lake/duck ü' "${options[@]}" plain.ndjson
duck=$(python_with duckdb==1.5.5 duckdb-extension-httpfs==1.5.5)
"$duck" <<'PYTHON'
import os, pathlib, re
import duckdb, duckdb_extension_httpfs
duck = duckdb.connect()
duck.execute(f"load '{next(pathlib.Path(duckdb_extension_httpfs.__file__).parent.rglob('httpfs.duckdb_extension'))}'")
key, secret, endpoint = (os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"))
duck.execute("create secret (type s3, key_id $1, secret $2, endpoint $3, region 'us-east-1', url_style 'path', use_ssl false)".replace("$1", repr(key))
             .replace("$2", repr(secret)).replace("$3", repr(endpoint.removeprefix("http://"))))
duck.execute("set timezone = 'UTC'")

def source(folder):
    return f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true, union_by_name = true, hive_types = {{'site': varchar, 'dt': date}})"

def read(folder, where):
    plan = duck.execute(f"explain analyze select count(*), sum(n) from {source(folder)} where {where}").fetchall()[0][1]
    files = re.search(r"(?:Scanning Files: |Total Files Read: )(\d+)", plan)
    rows = duck.execute(f"select * replace (timestamp::varchar as timestamp) from {source(folder)} where {where} order by n").fetchall()
    return rows, int(files[1]) if files else None

bucket, disk = "s3://lake/duck ü", "disk"
types = [duck.execute(f"describe select * from {source(folder)}").fetchall() for folder in (bucket, disk)]
assert types[0] == types[1] and ("n", "BIGINT") in [row[:2] for row in types[0]] and ("dt", "DATE") in [row[:2] for row in types[0]], types
everything = read(bucket, "true")
assert everything == read(disk, "true") and [row[[each[0] for each in types[0]].index("n")] for row in everything[0]] == list(range(4000)), len(everything[0])
for where in ("site = 'site-5' and dt = date '2026-03-01'", "site = 'site-3'", "site is null", "dt = date '2026-03-02' and n > 3990"):
    rows, files = read(bucket, where)
    assert (rows, files) == read(disk, where) and 0 < len(rows) < 4000 and 0 < files < 20, (where, len(rows), files, read(disk, where)[1])
PYTHON
rm "$PARTS"/s3/data/lake/table/_delta_log/0000000000000000000[0-2].json
lake-load s3://lake/table --delta "${options[@]}" <<<'{"n":5001,"timestamp":"2026-03-02T00:00:00Z","late":true}'
{ cat read.py; cat; } <<'PYTHON' | python_of
rows = deltalake.DeltaTable("s3://lake/table", storage_options=storage).to_pyarrow_table().to_pylist()
assert sorted(row["n"] for row in rows) == [*range(2000, 4001), 5000, 5001], len(rows)
assert [row["n"] for row in rows if row["late"]] == [5001]
PYTHON

# Stages and the server are killed at drawn points.
echo n,site >in.csv
for ((n = 0; n < 30000; n++)); do echo "$n,s$((n % 3))"; done >>in.csv
run() { csv-tail --state state --checkpoint-records 100 in.csv | lake-load --state state --pipe pipe s3://lake/state --delta --delta-checkpoint-every 5 --partition 'site={site}' --roll-rows 100; }
drawn=5
for ((kill = 0; kill < 15; kill++)); do
  run_group "$(declare -f run); run 2>>run.err"
  drawn=$(((drawn * 1103515245 + 12345) % 2147483648))
  sleep "0.$((drawn / 65536 % 6))$((drawn / 1024 % 10))"
  if [ $((kill % 3)) = 0 ]; then
    kill_s3
    run_s3
  fi
  kill -KILL -- "-${parts_groups[-1]}" 2>/dev/null || true
  wait "${parts_groups[-1]}" 2>/dev/null || true
  parts_groups=()
done
run_group "$(declare -f run); run 2>>run.err"
group=${parts_groups[-1]}
for _ in 1 2 3; do # the server alone is killed: the run goes on
  sleep 0.3
  kill_s3
  run_s3
done
wait "$group" || fail "the last run: $(tail -n 5 run.err)"
parts_groups=()
{ cat read.py; cat; } <<'PYTHON' | python_of
rows = deltalake.DeltaTable("s3://lake/state", storage_options=storage).to_pyarrow_table().to_pylist()
assert sorted(int(row["n"]) for row in rows) == list(range(30000)), (len(rows), len({row["n"] for row in rows}))
PYTHON
