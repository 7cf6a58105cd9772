#!/usr/bin/env bash
# Checkpoints of a Delta log: with every version before the last one removed, deltalake reads the same rows and knows the transactions, and
# lake-load goes on exactly once. A table that deltalake made, deleted from and checkpointed goes on too, and its checkpoint by lake-load.
# labels: lake
# tools: lake-load csv-tail
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with pyarrow==26.0.1 duckdb==2.0.1 deltalake==1.6.0)
python_of() { "$python" -c 'import os, sys; exec(sys.stdin.read()); sys.stdout.flush(); os._exit(0)'; }
fail() { echo "FAILED: $*" >&2; exit 1; }

# Removes the versions before the last checkpoint.
forget() {
  local last name
  last=$(jq .version "$1/_delta_log/_last_checkpoint")
  for name in "$1"/_delta_log/*.json; do
    [ $((10#$(basename "$name" .json))) -ge "$last" ] || rm "$name"
  done
}

run() { csv-tail --state state --checkpoint-records 40 in.csv | lake-load --state state --pipe pipe table --delta --delta-checkpoint-every 7 --roll-rows 30 --partition 'site={site}'; }
echo n,site >in.csv
for round in 1 2 3; do
  for ((i = round * 1000; i < round * 1000 + 1000; i++)); do echo "$i,a b/$((i % 3))"; done >>in.csv
  # Killed somewhere, then run to the end.
  run_group "$(declare -f run); run"
  wait_until 20 test -e table/_delta_log/_last_checkpoint
  kill_group
  [ ! -e table/_delta_log/_last_checkpoint ] || forget table
  run
  forget table
  [ ! -e table/_delta_log/00000000000000000000.json ] || fail "the first version is still there"
  rounds=$round python_of <<'PYTHON'
import deltalake, duckdb
import pyarrow.parquet as pq
wanted = list(range(1000, 1000 + 1000 * int(os.environ["rounds"])))
table = deltalake.DeltaTable("table")
rows = table.to_pyarrow_table().to_pylist()
assert sorted(int(row["n"]) for row in rows) == wanted, len(rows)
assert all(row["site"] == f"a b/{int(row['n']) % 3}" for row in rows)
epoch = table.transaction_version("weir/pipe")
assert epoch and epoch >= len(wanted) // 40, epoch
assert len(table.file_uris([("site", "=", "a b/1")])) * 2 < len(table.file_uris())
import pyarrow as pa
stats = pa.table(table.get_add_actions(flatten=True)).to_pylist()
assert sum(each["num_records"] for each in stats) == len(wanted)
last = max(name for name in os.listdir("table/_delta_log") if name.endswith(".checkpoint.parquet"))
columns = pq.ParquetFile("table/_delta_log/" + last).schema_arrow.names
assert sorted(columns) == ["add", "metaData", "protocol", "remove", "txn"], columns
PYTHON
done

# deltalake's own table: rows deleted, a checkpoint, older versions gone.
python_of <<'PYTHON'
import deltalake, pyarrow as pa
for i in range(5):
    deltalake.write_deltalake("theirs", pa.table({"v": pa.array([i], pa.int64()), "day": [f"a b%{i}"]}), partition_by=["day"], mode="append",
                              configuration={"delta.logRetentionDuration": "interval 3 days"} if i == 0 else None)
table = deltalake.DeltaTable("theirs")
table.delete("v = 2")
table.create_checkpoint()
PYTHON
forget theirs
for i in 10 11 12; do echo "{\"v\":$i,\"day\":\"b\"}" | lake-load theirs --delta --delta-checkpoint-every 2 --partition 'day={day}'; done
forget theirs
[ "$(jq .version theirs/_delta_log/_last_checkpoint)" = 7 ] || fail "no checkpoint followed deltalake's: $(cat theirs/_delta_log/_last_checkpoint)"
python_of <<'PYTHON'
import deltalake
table = deltalake.DeltaTable("theirs")
rows = table.to_pyarrow_table().sort_by("v").to_pylist()
assert [row["v"] for row in rows] == [0, 1, 3, 4, 10, 11, 12], rows
assert rows[1]["day"] == "a b%1", rows
assert table.metadata().configuration == {"delta.logRetentionDuration": "interval 3 days"}, table.metadata().configuration
assert table.transaction_version("weir/load") == 3
table.delete("v = 10")
table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
assert table.to_pyarrow_table().num_rows == 6
PYTHON
