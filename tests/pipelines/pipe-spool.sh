#!/usr/bin/env bash
# One source into a spool, two pipelines out of it: whatever is killed when, both get each record once and in order, and files that both have
# read are removed.
# labels: faults
# tools: csv-tail csv-append pipe-spool sensor-sim
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/kills.sh"

sensor-sim --weather --cities 3 --start 2026-01-01T00:00:00Z --every 1h --count 30000 --seed 1 | csv-append all.csv
total=$(wc -l <all.csv)
segments() { find "spool-$round" -name 's-*' | wc -l; }

# All three pipelines at once in one session. The branches follow; both are asked to end when they have everything, and end with 0.
cat >together.sh <<'END'
branch() { # branch NAME: until all rows are there
  export WEIR_STATE=$state/$1
  pipe-spool --read "$1" -f --checkpoint-every 20ms "$spool" | csv-append "$out-$1.csv"
}
branch one & one=$!
branch two & two=$!
# What the other reader has done with before a reader's first start is not kept for it.
known() { [ -e "$spool/readers/one" ] && [ -e "$spool/readers/two" ]; }
runs() { kill -0 "$1" 2>/dev/null; }
while ! known && runs $one && runs $two; do sleep 0.02; done
(known && export WEIR_STATE=$state/in && csv-tail --checkpoint-records 500 all.csv | pipe-spool --spool-limit 1M "$spool") & in=$!
status=0
# A pipeline that fails takes the others with it: a writer at its limit waits for readers. (wait -n forgets what has ended before it.)
while runs $in && runs $one && runs $two; do sleep 0.02; done
if runs $in; then status=1; else wait $in || status=1; fi
# The source's end is in the spool: the branches need not follow any more than it takes to read it.
while [ $status -eq 0 ] && runs $one && runs $two; do
  rows_one=$(cat "$out-one.csv" 2>/dev/null | wc -l)
  rows_two=$(cat "$out-two.csv" 2>/dev/null | wc -l)
  [ "$rows_one" -lt "$total" ] || [ "$rows_two" -lt "$total" ] || break
  sleep 0.02
done
# A pipeline may have just been started: its pipe-spool is asked to end as soon as there is one, and once.
asked=' '
while runs $in || runs $one || runs $two; do
  for reader in $(ps -o pid=,args= -s $$ | awk -v failed=$status '$2 == "pipe-spool" && (/ --read / || failed > 0) {print $1}'); do
    [[ $asked == *" $reader "* ]] || { kill -TERM "$reader" 2>/dev/null || true; asked+="$reader "; }
  done
  sleep 0.02
done
wait $one || status=1
wait $two || status=1
exit $status
END

round=0
while [ $kills -lt 32 ]; do
  round=$((round + 1))
  export total state=$PARTS/state-$round spool=$PARTS/spool-$round out=$PARTS/out-$round
  mkdir -p "$state"
  run_under_kills $((kills + 16)) "set -o pipefail; source $PARTS/together.sh"
  cmp all.csv "$out-one.csv"
  cmp all.csv "$out-two.csv"
done
show "$round spools, $kills processes killed, $starts starts: both branches have each of $((total - 1)) records once, in order"

# The writer's next start, with nothing new, gives up what both have committed: 128 KiB files of which the last two stay.
WEIR_STATE=$state/in bash -o pipefail -c 'csv-tail all.csv | pipe-spool --spool-limit 1M "$spool"'
[ "$(segments)" -le 3 ]
[ ! -e "$spool/s-1" ]
show "of $(find "$spool" -name 's-*' | sed 's/.*s-//' | sort -n | tail -1) files $(segments) are left once both have read them"

# A reader that has not come for its lines keeps them, and at the limit the writer waits.
rm -rf "$spool" "$state"
mkdir -p "$state"
head -2001 all.csv >some.csv
through() { # through NAME: the reader reads what is there
  WEIR_STATE=$state/$1 bash -o pipefail -c "pipe-spool --read $1 \"\$spool\" | csv-append \"\$out-$1-some.csv\""
}
WEIR_STATE=$state/in bash -o pipefail -c 'csv-tail some.csv | pipe-spool --spool-limit 4M "$spool"'
through one
through two
read_already=$(cat "$spool"/s-* | wc -c)
cp all.csv some.csv
start_session 'export WEIR_STATE=$state/in; csv-tail --checkpoint-records 200 some.csv | pipe-spool --spool-limit 1M "$spool"'
waiting() { # one more epoch of 200 records, some 25 kB, would be too much
  bytes=$(($(cat "$spool"/s-* | wc -c) - read_already))
  [ "$bytes" -ge 1000000 ]
}
wait_until 60 waiting
kill -0 "$session"
[ "$bytes" -lt 1048576 ]
writing() { kill -0 "$session" 2>/dev/null; }
while writing; do through one; through two; done
wait "$session"
through one
through two
cmp all.csv "$out-one-some.csv"
cmp all.csv "$out-two-some.csv"
show "with a limit of 1 MiB the writer stood still at $bytes bytes until its readers had come, and nothing was dropped"

# One epoch is larger than the limit: it is taken when the readers have come, and no more.
rm -rf "$spool" "$state" "$out"-*-some.csv
mkdir -p "$state"
head -2001 all.csv >some.csv
WEIR_STATE=$state/in bash -o pipefail -c 'csv-tail some.csv | pipe-spool "$spool"'
through one
through two
cp all.csv some.csv
start_session 'export WEIR_STATE=$state/in; csv-tail --checkpoint-every 1h some.csv | pipe-spool --spool-limit 64K "$spool"'
wait "$session"  # for both readers have noted that they have done with all that was there
through one
through two
grep -q 'larger than --spool-limit' kills.err
cmp all.csv "$out-one-some.csv"
cmp all.csv "$out-two-some.csv"
show "an epoch of $(wc -c <all.csv) bytes went through a limit of 64 KiB, with a warning, and nothing was dropped"
