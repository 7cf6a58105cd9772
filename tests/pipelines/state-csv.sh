#!/usr/bin/env bash
# labels: csv faults
# tools: csv-tail csv-append pipe-spool
# timeout: 300
# csv-tail --state | csv-append --state under kill -9 at random moments: while the file grows in half rows, with line breaks in
# quotes, and is renamed away, also while nobody reads it. Each row stands in the output once and in order. Then: a stop before
# anything was taken up, a file that is gone, files that are read once a day, and a file that gets columns while it is followed.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
random_moments
begin() {
  begin_group "export WEIR_STATE=$PARTS/state; csv-tail -f f.csv --checkpoint-every 10ms | csv-append out.csv"
}

# --- kill -9
row() { printf '%d,"line\n%d"\n' "$1" "$1"; }
n=0
half=''
add() { # add COUNT: rows, the last one half now and the rest of it next time
  local i
  [ -z "$half" ] || { printf '%s\n' "${half#*|}" >>f.csv; half=''; }
  for ((i = 0; i < $1; i++)); do row $((++n)); done >>f.csv
}
add_half() {
  row $((++n)) >piece
  head -c 5 piece >>f.csv
  half="|$(tail -c +6 piece)"
}
rotations=0
rotate() {
  add 0
  mv f.csv "f.csv.$((1000 - ++rotations))" # as logrotate numbers them: files made within a tick of the clock are told apart by that
  echo n,text >f.csv
}
echo n,text >f.csv
begin
wait_until 60 test -s state/csv-tail/start # from here on nothing may be missed
kills=0
while [ $kills -lt 36 ]; do
  add $((RANDOM % 200))
  [ $((RANDOM % 4)) -ne 0 ] || rotate
  add_half
  kill_some csv-tail csv-append 2
  kills=$((kills + 1))
  for ((missed = RANDOM % 4; missed > 0; missed--)); do # while nobody reads
    add $((RANDOM % 50 + 1))
    [ $((RANDOM % 2)) -ne 0 ] || rotate
  done
  begin
done
add 1
{ echo n,text; for ((i = 1; i <= n; i++)); do row $i; done; } >expected.csv
wait_until 60 lines_in out.csv "$(wc -l <expected.csv)" || fail "$(wc -l <out.csv) lines, expected $(wc -l <expected.csv)"
cmp expected.csv out.csv || { diff expected.csv out.csv | sed -n 1,9p >&2 || true; fail "rows are lost, doubled or out of order"; }
echo "killed: $n rows through $kills kill -9 and $rotations renames, each once and in order"

# --- stopped, and asked to stop again before the sink has answered: the state is still there
kill -TERM -- "-$group"
wait_until 60 gone
committed=$(cat state/commit)
csv-tail -f f.csv --state state > >(exec cat >begun) 2>>words &
tail_pid=$!
parts_pids+=("$tail_pid")
wait_until 60 grep -q '"begin"' begun
kill -TERM "$tail_pid"
wait "$tail_pid" || fail "a stop before the beginning ended with $?"
[ -s "state/csv-tail/e-$committed" ] || fail "a stop before the beginning removed the state"
add 10
begin
{ echo n,text; for ((i = 1; i <= n; i++)); do row $i; done; } >expected.csv
wait_until 60 lines_in out.csv "$(wc -l <expected.csv)" || fail "not gone on after a stop"
kill -TERM -- "-$group"
wait_until 60 gone
cmp expected.csv out.csv || fail "rows are lost or doubled by a stop"
echo "stopped: at once after a start, and gone on"

# --- gone: exit 3 and nothing written; --allow-gap goes on
rm f.csv
{ echo n,text; row $((n + 1)); } >f.csv
status=0
csv-tail -f f.csv --state state 2>err | csv-append out.csv --state state 2>>words || status=${PIPESTATUS[0]}
[ $status -eq 3 ] || fail "exit $status where the file is gone"
grep -q 'a file that was at f.csv is gone, and rows may have come into it that were not read; --allow-gap' err || fail "$(cat err)"
cmp expected.csv out.csv
begin_group "export WEIR_STATE=$PARTS/state; csv-tail -f f.csv --allow-gap | csv-append out.csv"
row $((n + 1)) >>expected.csv
wait_until 60 lines_in out.csv "$(wc -l <expected.csv)"
kill -TERM -- "-$group"
wait_until 60 gone
cmp expected.csv out.csv || fail "not gone on behind the gap"
echo "gone: refused with 3, and with --allow-gap gone on"

# --- several files, read once now and then (cron), each run killed until one comes to its end
mkdir day && cd day
echo n >a.csv
echo n >b.csv
n=0
runs=0
for ((day = 1; day <= 6; day++)); do
  for ((i = 0; i < 20000; i++)); do echo $((++n)); done >>a.csv
  [ $day -ne 4 ] || { mv a.csv a-old.csv && echo n >a.csv; }
  for ((i = 0; i < 100; i++)); do echo $((++n)); done >>b.csv
  printf '%d' $((n + 1)) >>b.csv # a row without its end
  while :; do
    setsid bash -c "export WEIR_STATE=$PARTS/day/state; csv-tail a.csv b.csv --checkpoint-every 2ms 2>>../words | csv-append out.csv 2>>../words; [ \"\${PIPESTATUS[*]}\" = '0 0' ]" &
    group=$!
    runs=$((runs + 1))
    if [ $((runs % 4)) -ne 0 ]; then
      for ((spin = RANDOM / 2; spin > 0; spin--)); do :; done
      pkill -KILL -g "$group" -x 'csv-tail|csv-append' || true
    fi
    if wait "$group" 2>/dev/null; then break; fi
    wait_until 60 gone
  done
  echo >>b.csv
  n=$((n + 1))
done
# The last row of the last day is still to come.
WEIR_STATE=state csv-tail a.csv b.csv | WEIR_STATE=state csv-append out.csv
tail -n +2 out.csv | sort -n | cmp - <(seq 1 $n) || fail "rows of a day are lost or doubled"
tail -n +2 out.csv | cmp - <(
  for ((day = 0; day < 6; day++)); do
    [ $day -eq 0 ] || tail_of=$((day * 20101))
    if [ $day -gt 0 ]; then seq $((day * 20101 + 1)) $((day * 20101 + 20000)); echo $tail_of; else seq 1 20000; fi
    seq $((day * 20101 + 20001)) $((day * 20101 + 20100))
  done
  echo $n
) || fail "rows of a day are out of order"
echo "daily: $n rows of two files in $runs runs, most of them killed, one file renamed in between: each once and in order"

# --- a file that gets columns, and is followed: the table and the copy of it are killed at random moments
mkdir "$PARTS/wide" && cd "$PARTS/wide"
begin_wide() {
  begin_group "cd $PARTS/wide
    (export WEIR_STATE=a; pipe-spool --read rows -f spool --checkpoint-every 10ms | csv-append table.csv) &
    (export WEIR_STATE=b; csv-tail -f table.csv --checkpoint-every 10ms | csv-append copy.csv) & wait"
}
n=0
columns=n
for round in 1 2 3 4 5 6 7 8 9 10; do
  [ $((round % 2)) -eq 0 ] || columns=$columns,f$round
  for ((i = RANDOM % 40 + 20; i > 0; i--)); do
    n=$((n + 1))
    echo '{"n":'$n',"f'$(((RANDOM % round) / 2 * 2 + 1))'":'$((n + 1))'}'
  done >records
  echo '{"n":'$((++n))',"f'$(((round + 1) / 2 * 2 - 1))'":1}' >>records
  cat records >>all.ndjson
  pipe-spool spool <records
  begin_wide
  for ((spin = RANDOM; spin > 0; spin--)); do :; done
  # The whole group in one step: pkill can miss a process that is being forked. The group may not be there yet.
  until kill -KILL -- "-$group" 2>/dev/null; do sleep 0.01; done
  wait_until 60 gone
  wait "$group" 2>/dev/null || true
done
begin_wide
wait_until 60 lines_in copy.csv $((n + 1)) || fail "$(wc -l <copy.csv) rows of $n in the copy of a file that got columns"
kill -TERM -- "-$group"
wait_until 60 gone
/usr/bin/python3 - table.csv copy.csv all.ndjson "$columns" <<'PYTHON'
import csv, json, sys
records = [json.loads(line) for line in open(sys.argv[3])]
for name in sys.argv[1:3]:
    table = list(csv.DictReader(open(name)))
    assert sorted(table[0]) == sorted(sys.argv[4].split(",")), (name, list(table[0]))
    rows = [{key: int(value) for key, value in row.items() if value} for row in table]
    assert rows == records, next((name, a, b) for a, b in zip(rows, records) if a != b)
PYTHON
echo "columns: $n rows in a table that got $columns, and in the copy of it, each once and in order"
