#!/usr/bin/env bash
# When epochs end: less often where snapshots take long; early where a stage has much of one in memory; not early for a sink that has it on the disk.
# labels: faults
# tools: csv-tail sensor-sim csv-append pipe-spool thresh-alert
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
fail() { echo "FAILED checkpoint-pace: $*"; [ ! -f words ] || tail -8 words; exit 1; }

# A sink by hand: it takes every epoch at once, says how long all stood still for it, and counts the barriers.
cat >sink.awk <<'AWK'
function write(path, text) { print text >(path ".new"); close(path ".new"); system("mv " path ".new " path) }
/^\{"@ctl":"begin"/ {
  run = $0; sub(/.*"run":"/, "", run); sub(/".*/, "", run)
  system("mkdir -p " dir "/resume"); write(dir "/resume/" run, 0)
}
/^\{"@ctl":"barrier"/ {
  epoch = $0; sub(/.*"epoch":/, "", epoch); sub(/[,}].*/, "", epoch)
  ++barriers; if (took) write(dir "/pace", took); write(dir "/commit", epoch)
}
END { print barriers }
AWK

# 1. Six thousand records, 2,000 a second, an epoch each 10 ms; but each checkpoint is said to take a minute.
barriers() { # barriers TOOK
  rm -rf state
  sensor-sim --state state --checkpoint-every 10ms --rate 2000 --count 6000 2>words | awk -v dir=state -v took="$1" -f sink.awk
}
usual=$(barriers 0)
slow=$(barriers 60000)
# The first, the second (how long the first took is known at the next look), and the last.
[ "$slow" -le 3 ] || fail "$slow barriers, each of which took a minute"
[ "$usual" -gt "$slow" ] || fail "$usual barriers when they take no time"
echo "epochs of 10 ms: $usual in 3 seconds; $slow when a checkpoint takes a minute"

# 2. An epoch of an hour: one for a sink that has it on the disk, several for one that has it in memory, and so for side files.
awk 'BEGIN { pad = sprintf("%01000d", 0); print "n,pad"; for (i = 0; i < 100000; ++i) print i "," pad }' >rows.csv
epochs() { cat "$1/commit"; }
csv-tail --state disk --checkpoint-every 1h rows.csv 2>>words | csv-append --state disk out.csv 2>>words || fail "csv-append: $?"
[ "$(epochs disk)" = 1 ] || fail "$(epochs disk) epochs into csv-append"
cmp rows.csv out.csv || fail "csv-append: other rows"
csv-tail --state memory --checkpoint-every 1h rows.csv 2>>words | pipe-spool --state memory spool 2>>words || fail "pipe-spool: $?"
[ "$(epochs memory)" -ge 3 ] || fail "$(epochs memory) epochs into pipe-spool"
csv-tail --state side --checkpoint-every 1h rows.csv 2>>words | thresh-alert --time none --rule 'n > 0' --state side 2>>words |
  csv-append --state side none.csv 2>>words || fail "thresh-alert: $?"
[ "$(epochs side)" -ge 3 ] || fail "$(epochs side) epochs with rejects"
[ "$(wc -l <side/thresh-alert/rejects)" = 100000 ] || fail "$(wc -l <side/thresh-alert/rejects) rejects"
echo "100 MB: $(epochs disk) epoch into csv-append, $(epochs memory) into pipe-spool, $(epochs side) where all are rejects"
