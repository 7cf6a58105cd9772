#!/usr/bin/env bash
# labels: csv
# tools: csv-append csv-tail
# timeout: 300
# Several csv-append on one file, and csv-append killed at any moment: whole rows, one header, nothing mixed.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"

# --- eight writers that start at once
writers=8 each=20000
for ((w = 1; w <= writers; ++w)); do
  awk -v w=$w -v each=$each 'BEGIN { for (i = 1; i <= each; ++i) printf "{\"writer\":%d,\"n\":%d,\"text\":\"row %d, \\\"%d\\\"\"}\n", w, i, i, w }' >"in.$w"
done
pids=()
for ((w = 1; w <= writers; ++w)); do
  "$WEIR_BIN/csv-append" --fsync none together.csv <"in.$w" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
/usr/bin/python3 - together.csv $writers $each <<'PYTHON'
import csv, sys
writers, each = map(int, sys.argv[2:])
rows = list(csv.reader(open(sys.argv[1], newline="")))
assert rows[0] == ["writer", "n", "text"], rows[0]
next_of = dict.fromkeys(range(1, writers + 1), 1)
for writer, n, text in rows[1:]:
    w = int(writer)
    assert int(n) == next_of[w] and text == f'row {n}, "{w}"', (writer, n, text)
    next_of[w] += 1
assert all(n == each + 1 for n in next_of.values()), next_of
runs = sum(a[0] != b[0] for a, b in zip(rows[1:], rows[2:]))
print(f"{writers} writers: {len(rows) - 1} rows, each writer's in order, one header, {runs} changes of writer")
PYTHON

# --- killed in the middle, again and again, while another one goes on
awk 'BEGIN { for (i = 1; i <= 400000; ++i) printf "{\"n\":%d,\"twice\":%d,\"text\":\"a row, the %d-th\"}\n", i, 2 * i, i }' >many
(while [ ! -e stop ]; do head -20000 many | "$WEIR_BIN/csv-append" --fsync none killed.csv 2>>repairs; done) &
other=$!
parts_pids+=("$other")
kills=60 landed=0
for ((k = 1; k <= kills; ++k)); do
  before=$(stat -c %s killed.csv 2>/dev/null || echo 0)
  "$WEIR_BIN/csv-append" --fsync none killed.csv <many 2>>repairs &
  pid=$!
  # Killed once the file grows, at another moment each time.
  for ((spin = 0; spin < 400; ++spin)); do [ "$(stat -c %s killed.csv 2>/dev/null || echo 0)" -le "$before" ] || break; done
  for ((spin = 0; spin < k * 20; ++spin)); do :; done
  ! kill -9 $pid 2>/dev/null || landed=$((landed + 1))
  wait $pid 2>/dev/null || true
done
touch stop
wait "$other"
"$WEIR_BIN/csv-append" killed.csv </dev/null 2>>repairs # the last repair
/usr/bin/python3 - killed.csv <<'PYTHON'
import csv, sys
data = open(sys.argv[1], newline="").read()
assert data.endswith("\n"), data[-80:]
rows = 0
for row in csv.reader(data.splitlines(keepends=True)):
    if rows == 0: assert row == ["n", "twice", "text"], row
    else:
        n, twice, text = row
        assert int(twice) == 2 * int(n) and text == f"a row, the {n}-th", row
    rows += 1
print(f"killed: {rows - 1} rows, all whole")
PYTHON
"$WEIR_BIN/csv-tail" killed.csv >records
[ "$(wc -l <records)" -eq $(($(wc -l <killed.csv) - 1)) ]
[ $landed -ge 20 ] || { echo "only $landed of $kills kills found it alive"; exit 1; }
echo "killed: $landed times in the middle of writing, $(grep -c 'cut off' repairs || true) beginnings of rows cut off at the next write"

# --- a disk that is full for some, then has room: what was said to be written is there, once
(
  trap '' XFSZ
  ulimit -f 64
  status=0
  "$WEIR_BIN/csv-append" full.csv <many 2>err || status=$?
  [ $status -eq 1 ]
)
[ "$(tail -c 1 full.csv)" = "" ]
"$WEIR_BIN/csv-tail" full.csv >/dev/null
grep -q 'full.csv: File too large' err
echo "full: exit 1, and the file ends with a whole row"

# --- a reader that follows while writers are killed sees whole rows only
"$WEIR_BIN/csv-tail" -f followed.csv >seen 2>/dev/null &
reader=$!
parts_pids+=("$reader")
for k in 1 2 3 4 5 6 7 8 9 10; do
  "$WEIR_BIN/csv-append" --fsync none followed.csv <many 2>/dev/null &
  pid=$!
  for ((spin = 0; spin < k * 3000; ++spin)); do :; done
  kill -9 $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
done
head -1 many | "$WEIR_BIN/csv-append" followed.csv 2>/dev/null
rows=$(($(wc -l <followed.csv) - 1))
all_seen() { [ "$(wc -l <seen)" -ge "$rows" ]; }
wait_until 30 all_seen
kill -TERM $reader
wait $reader
"$WEIR_BIN/csv-tail" followed.csv | cmp - seen
echo "followed: $rows rows seen as they are in the file, through 10 kills of the writer"
