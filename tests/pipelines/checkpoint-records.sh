#!/usr/bin/env bash
# labels: mqtt owm
# tools: csv-tail sensor-sim mqtt-sub mqtt-pub owm-poll pipe-spool csv-append
# timeout: 300
# --checkpoint-records N of every source: each epoch has exactly N lines, while the sink keeps up with 64 of them (else a multiple of
# N), but for the last; and what arrives is all of it, once and in order.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
unset WEIR_STATE

# exact RECORDS EPOCHS FILE: what the source sent has so many epochs at least.
exact() {
  awk -v records="$1" -v epochs="$2" '
    /^\{"@ctl":"barrier"/ {
      if (!/"final"/ && (rows % records != 0 || rows == 0 || (found < 64 && rows != records))) { print "epoch " found + 1 " has " rows " lines"; bad = 1; exit }
      found++; rows = 0; next
    }
    !/^\{"@ctl"/ { rows++ }
    END { if (!bad && found < epochs) print found " epochs"; exit bad || found < epochs }' "$3"
}
# whole COMMAND…: what it sends goes into sent and, as rows, into out.csv.
whole() {
  rm -rf state out.csv
  WEIR_STATE=state "$@" --checkpoint-every 1h 2>>words | tee sent | WEIR_STATE=state csv-append out.csv 2>>words || fail "$*"
}
rows() { sed 1d out.csv; }

seq 1 30000 | sed '1i n' >in.csv
for records in 1 100 7001; do
  whole csv-tail in.csv --checkpoint-records $records
  exact $records 5 sent || fail "csv-tail --checkpoint-records $records"
  cmp in.csv out.csv || fail "csv-tail --checkpoint-records $records: other rows"
done
echo "csv-tail: epochs of 1, 100 and 7001 rows, among 30,000 rows that it reads by the block"

sensor-sim --sensors 10 --count 5000 --seed 5 | csv-append once.csv
whole sensor-sim --sensors 10 --count 5000 --seed 5 --checkpoint-records 777
exact 777 7 sent || fail "sensor-sim"
cmp once.csv out.csv || fail "sensor-sim: other records"
echo "sensor-sim: epochs of 777 records"

csv-tail in.csv --state filling | pipe-spool --state filling spool
whole pipe-spool --read rows spool --checkpoint-records 1234
exact 1234 25 sent || fail "pipe-spool"
cmp in.csv out.csv || fail "pipe-spool: other records"
echo "pipe-spool: epochs of 1,234 records"

start_owm
whole owm-poll --once --provider open-meteo --past 2d --city Athens --city Oslo --checkpoint-records 7
exact 7 7 sent || fail "owm-poll"
[ "$(rows | cut -d, -f1,2 | sort | uniq -d | wc -l)" -eq 0 ] || fail "owm-poll: a reading came twice"
[ "$(rows | wc -l)" -eq "$(grep -vc '^{"@ctl"' sent)" ] || fail "owm-poll: rows are missing"
echo "owm-poll: epochs of 7 records"

start_mosquitto
echo '{"n":0}' | mqtt-pub -t d/kept --retain
(whole mqtt-sub -t 'd/#' --count 1001 --checkpoint-records 30) &
whole_pid=$!
parts_pids+=("$whole_pid")
subscribed() { [ -s state/mqtt-sub/spool/s-1 ]; }
wait_until 60 subscribed
seq 1 1000 | sed 's/.*/{"n":&}/' | mqtt-pub -t d/some
wait "$whole_pid" || fail "mqtt-sub"
exact 30 30 sent || fail "mqtt-sub"
rows | cmp - <(seq 0 1000) || fail "mqtt-sub: other messages"
echo "mqtt-sub: epochs of 30 messages, as they come"
