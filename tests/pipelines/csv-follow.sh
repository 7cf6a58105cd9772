#!/usr/bin/env bash
# labels: csv
# tools: csv-tail csv-append
# timeout: 300
# csv-tail -f through everything that happens to a file: growing, quotes, rotation, truncation, removal, late appearance.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"

tail_pid=
# follow NAME [option…]: csv-tail -f f.csv in a folder of its own; its output in out, its words in err.
follow() {
  mkdir "$PARTS/$1"
  cd "$PARTS/$1"
  shift
  [ ! -e "$PARTS/seed" ] || mv "$PARTS/seed" f.csv
  "$WEIR_BIN/csv-tail" -f "$@" f.csv >out 2>err &
  tail_pid=$!
  parts_pids+=("$tail_pid")
}
# follows: it has opened the file, found its end, and sleeps until something happens.
follows() { find "/proc/$tail_pid/fd" -lname "$PWD/f.csv" | grep . >/dev/null && grep -q '^State:.S' "/proc/$tail_pid/status"; }
lines() { [ "$(wc -l <out)" -ge "$1" ]; }
said() { grep -qF -- "$1" err; }
# ends STATUS: asked to stop, it does.
ends() {
  local status=0
  kill -TERM "$tail_pid"
  wait "$tail_pid" || status=$?
  [ "$status" -eq "$1" ] || { echo "exit $status, expected $1"; cat err; exit 1; }
}
# numbers FROM TO: the output is {"n":FROM} … {"n":TO}, each once and in order.
numbers() {
  seq "$1" "$2" | sed 's/.*/{"n":&}/' | cmp - out || { echo "not the numbers $1 to $2 in order"; cat err; exit 1; }
}

# --- a last line still being written, a quoted line break, wrong quotes, a very long line
printf 'n\n1\n2' >"$PARTS/seed"
follow growing --max-line 2K --rejects rejects
wait_until 20 lines 1
printf '0\n"3' >>f.csv
wait_until 20 lines 2
printf '\n1"\n4"4\n' >>f.csv
wait_until 20 lines 3
head -c 100000 /dev/zero | tr '\0' x >>f.csv
printf '\n5\n"6\n7\n' >>f.csv
wait_until 20 lines 4
seq 1000 2000 >>f.csv # the quote of 6 is not closed within 2 KiB
wait_until 20 lines 1006
ends 0
{ printf '{"n":1}\n{"n":20}\n{"n":"3\\n1"}\n{"n":5}\n{"n":7}\n'; seq 1000 2000 | sed 's/.*/{"n":&}/'; } | cmp - out
[ "$(wc -l <rejects)" -eq 3 ]
echo "growing: 1,006 records, a row in pieces, a quoted line break, 3 bad lines kept and passed over"

# --- a quote that nobody closes costs its own line only, and not for long
printf 'n\n1\n' >"$PARTS/seed"
follow open-quote --quote-timeout 300ms --rejects rejects
wait_until 20 lines 1
printf '"2\n' >>f.csv
seq 3 2000 >>f.csv
wait_until 20 lines 1999
ends 0
{ echo 1; seq 3 2000; } | sed 's/.*/{"n":&}/' | cmp - out
[ "$(jq -r .raw rejects)" = '"2' ]
echo "open quote: its line is rejected while the file is followed, the 1,998 after it are not"

# --- the file appears late; then its folder does
follow late
wait_until 20 said "waiting for f.csv to appear"
printf 'n\n1\n' >f.csv
wait_until 20 lines 1
ends 0
numbers 1 1
mkdir "$PARTS/outer" && cd "$PARTS/outer"
"$WEIR_BIN/csv-tail" -f inner/f.csv >out 2>err &
tail_pid=$!
parts_pids+=("$tail_pid")
wait_until 20 said "waiting for"
mkdir inner && printf 'n\n1\n' >inner/f.csv
wait_until 20 lines 1
printf '2\n' >>inner/f.csv
wait_until 20 lines 2
ends 0
numbers 1 2
echo "late: the file, and a folder that was not there"

# --- from the end
seq 1 1000 | sed '1i n' >"$PARTS/seed"
follow from-end --begin end
wait_until 20 follows
seq 1001 1500 >>f.csv
wait_until 20 lines 500
ends 0
numbers 1001 1500
echo "from the end: only what came after the start"

# --- renamed away 100 times while csv-append writes
follow rotated
wait_until 20 grep -q 'waiting for f.csv' err # or the first files are gone before it looks
mkfifo feed
"$WEIR_BIN/csv-append" --fsync none f.csv <feed &
writer=$!
parts_pids+=("$writer")
exec 5>feed
total=60000
(
  exec 5>&- # or csv-append would not see its end
  i=0
  while [ ! -e stop ]; do
    [ ! -s f.csv ] || mv f.csv "f.csv.$((++i))"
  done
  echo $i >rotations
) &
rotator=$!
parts_pids+=("$rotator")
for ((i = 1; i <= total; i += 100)); do
  seq -f '{"n":%.0f}' "$i" $((i + 99)) >&5
done
exec 5>&-
wait "$writer"
wait_until 60 lines "$total"
touch stop
wait "$rotator"
total=$((total + 1))
echo "{\"n\":$total}" | "$WEIR_BIN/csv-append" f.csv # a row that came twice would have come before this one
wait_until 20 lines "$total"
ends 0
sed 's/[^0-9]//g' out | sort -n | cmp - <(seq 1 "$total") || { echo "rows are lost or doubled"; cat err; exit 1; }
[ "$(cat rotations)" -ge 5 ] || { echo "only $(cat rotations) rotations"; exit 1; }
[ "$(cat f.csv.* f.csv | grep -cv '^n$')" -eq "$total" ]
swaps=$(sed 's/[^0-9]//g' out | awk '$1 < last {n++} {last = $1} END {print n + 0}')
echo "rotated: $total rows through $(cat rotations) renames while they were written, none lost, none twice ($swaps out of order)"

# --- the reader sleeps through rotations in which every old file moves on by one
printf 'n\n1\n' >"$PARTS/seed"
follow asleep
wait_until 20 lines 1
kill -STOP "$tail_pid"
for ((i = 2; i <= 30; ++i)); do
  for ((k = 30; k >= 1; --k)); do [ ! -e "f.csv.$k" ] || mv "f.csv.$k" "f.csv.$((k + 1))"; done
  printf '%d\n' $i >>f.csv
  mv f.csv f.csv.1
  printf 'n\n%d\n' $((++i)) >f.csv
done
kill -CONT "$tail_pid"
wait_until 20 lines $((i - 1))
ends 0
numbers 1 $((i - 1))
echo "asleep: $((i - 1)) rows of 15 rotations that nobody saw, in order"

# --- the reader of the output is slow, and the file is rotated meanwhile
mkdir "$PARTS/slow" && cd "$PARTS/slow"
seq 1 300000 | sed '1i n' >f.csv
mkfifo pipe
"$WEIR_BIN/csv-tail" -f f.csv >pipe 2>err &
tail_pid=$!
parts_pids+=("$tail_pid")
exec 6<pipe
wait_until 20 follows
mv f.csv f.csv.1
seq 300001 600000 | sed '1i n' >f.csv
mv f.csv.1 f.csv.2 && mv f.csv f.csv.1
seq 600001 900000 | sed '1i n' >f.csv
head -n 900000 <&6 >out
exec 6<&-
printf '1\n' >>f.csv # it notices that its reader is gone
status=0; wait "$tail_pid" || status=$?
[ $status -eq 0 ]
numbers 1 900000
echo "slow: 900,000 rows of three files, rotated before they were read"

# --- copytruncate, and truncated then grown past the place that was reached
seq 1 100 | sed '1i n' >"$PARTS/seed"
follow truncated
wait_until 20 lines 100
cp f.csv f.csv.1
printf 'n\n101\n' >f.csv
wait_until 20 lines 101
kill -STOP "$tail_pid"
seq 102 1000 | sed '1i n' >f.csv
kill -CONT "$tail_pid"
wait_until 20 lines 1000
ends 0
numbers 1 1000
said "truncated or rewritten 2 times"
echo "truncated: twice, the second time grown past the place that was reached"

# --- removed and made again: the same name, the same inode as soon as it is free
printf 'n\n1\n' >"$PARTS/seed"
follow removed
for ((i = 2; i <= 50; ++i)); do
  wait_until 20 lines $((i - 1))
  rm f.csv
  printf 'n\n%d\n' $i >f.csv
done
wait_until 20 lines 50
ends 0
numbers 1 50
echo "removed: made again 49 times"

# --- rotated where no event comes: behind a symbolic link
mkdir "$PARTS/elsewhere"
printf 'n\n1\n' >"$PARTS/elsewhere/f.csv"
mkdir "$PARTS/linked" && cd "$PARTS/linked"
ln -s ../elsewhere/f.csv f.csv
"$WEIR_BIN/csv-tail" -f f.csv >out 2>err &
tail_pid=$!
parts_pids+=("$tail_pid")
wait_until 20 lines 1
printf '2\n' >>f.csv
mv ../elsewhere/f.csv ../elsewhere/f.csv.1
printf 'n\n3\n' >../elsewhere/f.csv
wait_until 20 lines 3
ends 0
numbers 1 3
echo "linked: found by looking once a second"

# --- its reader goes while nothing happens
printf 'n\n1\n' >"$PARTS/f.csv"
cd "$PARTS"
timeout 300 "$WEIR_BIN/csv-tail" -f f.csv | head -1 >first
[ "${PIPESTATUS[0]}" -eq 0 ]
grep -qx '{"n":1}' first
echo "reader gone: it ends, though no row comes"
