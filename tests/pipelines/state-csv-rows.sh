#!/usr/bin/env bash
# labels: csv faults
# tools: csv-append csv-tail pipe-run
# timeout: 300
# csv-append --state and the file that holds an epoch's rows beside its snapshot: wherever a run ends behind the snapshot, the next start
# completes the output from it, also when the output was renamed; rows that are missing, shorter or damaged end with 3 and nothing written;
# a disk that is full within them leaves nothing behind and is no harm; pipe-run --inspect tells them.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"

runs=0
begin() { # begin: a sink, as far as it has taken up its state; it reads from descriptor 3. Returns 1 when it has ended before that
  printf -v run %032x $((++runs))
  rm -f in
  mkfifo in
  csv-append out.csv --state state <in 2>words &
  sink=$!
  parts_pids+=("$sink")
  exec 3>in
  echo '{"@ctl":"begin","v":1,"pipe":"state","run":"'"$run"'"}' >&3
  wait_until 60 answered_or_gone
  [ -s "state/resume/$run" ] || return 1
  read -r epoch _ <"state/resume/$run"
  echo '{"@ctl":"restore","run":"'"$run"'","epoch":'"$epoch"'}' >&3
}
answered_or_gone() { [ -s "state/resume/$run" ] || ! kill -0 "$sink" 2>/dev/null; }
records() { seq "$1" "$2" | sed 's/.*/{"n":&,"text":"row &"}/' >&3; }
barrier() { echo '{"@ctl":"barrier","epoch":'"$1"'}' >&3; }
committed() { [ "$(cat state/commit)" = "$1" ]; }
end_sink() { exec 3>&-; kill -KILL "$sink" 2>/dev/null || true; wait "$sink" 2>/dev/null || true; }
rows() { [ "$1" != 1 ] || echo n,text; seq "$1" "$2" | sed 's/.*/&,row &/'; }

# Two epochs, the second one of some MiB; then the run is killed. What it would have left a moment earlier is a shorter output.
begin
records 1 10
barrier 1
wait_until 60 committed 1
records 11 200000
barrier 2
wait_until 60 committed 2
end_sink
rows 1 10 >first.csv
rows 1 200000 >whole.csv
cmp whole.csv out.csv
rows 11 200000 | cmp - state/csv-append/rows-2
[ ! -e state/csv-append/rows-1 ] || fail "the rows of an epoch that nobody can need are still there"
first=$(stat -c %s first.csv)
whole=$(stat -c %s whole.csv)
cut_to() { head -c "$1" whole.csv >out.new; cat out.new >out.csv; } # the same file
for size in "$first" $((first + 1)) 1048576 $((whole - 1)) "$whole"; do
  cut_to "$size"
  begin || fail "not started again where the output had $size bytes of $whole"
  end_sink
  cmp whole.csv out.csv || fail "not completed where the output had $size bytes of $whole"
done
echo "completed: an output that had 0, 1, a part and all but 1 of the $((whole - first)) bytes of the last epoch"

pipe-run --inspect state >inspected
grep '"epoch":2,' inspected | grep '"attached":'$((whole - first)) >/dev/null || fail "$(cat inspected)"

# Renamed between the epoch's end and the start.
cut_to "$first"
mv out.csv out.csv.1
begin
cmp whole.csv out.csv.1 || fail "not completed where it was renamed to"
records 200001 200001
barrier 3
wait_until 60 committed 3
end_sink
{ echo n,text; rows 200001 200001; } | cmp - out.csv
cmp whole.csv out.csv.1
echo "renamed: completed where it is, and the next epoch went into a new file"

# Damaged, shorter, missing: exit 3, and the output stays as it is.
cp -r state state.whole
cp out.csv out.before
refused() { # refused WORDS
  status=0
  begin && fail "started with rows that are $1" || wait "$sink" || status=$?
  exec 3>&-
  [ $status -eq 3 ] || fail "exit $status with rows that are $1"
  grep -q "rows-3 $1" words || fail "$(cat words)"
  cmp out.before out.csv
  rm -r state
  cp -r state.whole state
}
printf 9 | dd of=state/csv-append/rows-3 conv=notrunc status=none
refused 'is damaged: its checksum does not match'
truncate -s -1 state/csv-append/rows-3
refused 'is damaged: 17 bytes where there were 18'
rm state/csv-append/rows-3
refused 'is not there'
begin
end_sink
echo "damaged, shorter, missing: exit 3 each, nothing written"

# No room within an epoch's rows: exit 1, they are gone again and the output is as it was. (As with a full disk, a write comes to a limit.)
seq 1 300000 | sed '1i n' >in.csv
export WEIR_STATE=$PARTS/full
status=0
csv-tail in.csv --checkpoint-records 1000 2>>words |
  (trap '' XFSZ; ulimit -f 1000; exec csv-append long.csv 2>err) || status=$?
[ $status -eq 1 ] || fail "exit $status where a file may not grow any more"
cmp -n "$(stat -c %s long.csv)" long.csv in.csv || fail "no beginning of the whole where a file may not grow any more"
rm -rf full long.csv
status=0
csv-tail in.csv --checkpoint-every 1h 2>>words |
  (trap '' XFSZ; ulimit -f 1000; exec csv-append long.csv 2>err) || status=$?
[ $status -eq 1 ] || fail "exit $status where there is no room for the rows of an epoch"
grep -q 'writing .*/rows-1: File too large' err || fail "$(cat err)"
[ ! -e full/csv-append/rows-1 ] || fail "rows of no use are left on a full disk"
[ ! -s long.csv ] || fail "rows of an epoch that has not ended are in the file"
csv-tail in.csv | csv-append long.csv
cmp in.csv long.csv || fail "not whole after there was no room"
echo "no room: exit 1, nothing left, and whole at the next start"
