#!/usr/bin/env bash
# shellcheck disable=SC2089,SC2090,SC2100 # commands as text, for pipe-run to split; names of files with a hyphen
# Other programs inside a checkpointed pipeline: whatever is killed when, what comes out is what they make of the whole input.
# labels: faults
# tools: csv-tail csv-append pipe-via sensor-sim
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/kills.sh"

sensor-sim --weather --cities 5 --start 2026-01-01T00:00:00Z --every 1h --count 20000 --seed 3 | csv-append in.csv
csv-tail in.csv >in.ndjson

# --- a command for each epoch, and one for the whole run, under kills (those of the command itself among them)
program='if has("@via") then . elif .humidity % 7 == 0 then empty else {city, at: .timestamp, both: (.humidity + .temperature_c | round)} end'
jq -c "$program" in.ndjson | csv-append oracle-jq.csv
awk 'NR >= 0 && /clouds|@via/ {print; fflush()}' in.ndjson | csv-append oracle-awk.csv
export program
round=0
for want in 12 36; do
  for command in "awk '/clouds/'" 'jq -c "$program"' "--keep -- awk '/clouds|@via/ {print; fflush()}'" '--keep -- jq -c --unbuffered "$program"'; do
    [[ $command == --keep* ]] || command="-- $command"
    round=$((round + 1))
    export WEIR_STATE=$PARTS/state-$round
    run_under_kills "$want" "csv-tail --checkpoint-records 40 in.csv | pipe-via --accept 2 $command | csv-append out-$round.csv"
    oracle=oracle-jq.csv
    [[ $command == *awk* ]] && oracle=oracle-awk.csv
    cmp "$oracle" "out-$round.csv"
    want=$((want + 6))
  done
done
unset WEIR_STATE
[ $kills -ge 30 ] || { show "only $kills kills"; exit 1; }
show "$round pipelines, $kills processes killed, $starts starts: the output was the oracle's each time ($(wc -l <oracle-jq.csv) and $(wc -l <oracle-awk.csv) lines)"

# --- a command that fails is no end of input: nothing of the epoch is committed, and a corrected command goes on there
export WEIR_STATE=$PARTS/state-wrong
status=0
csv-tail --checkpoint-records 100 in.csv | pipe-via -- awk 'NR == 50 {exit 4} {print}' 2>err | csv-append wrong.csv 2>/dev/null || status=$?
grep -qx 'pipe-via: awk ended with exit 4' err
[ ! -s wrong.csv ] && [ $status -eq 1 ]
csv-tail --checkpoint-records 100 in.csv | pipe-via -- cat | csv-append wrong.csv
csv-append <in.ndjson --state '' right.csv
cmp right.csv wrong.csv
unset WEIR_STATE
show "a command that failed stopped the pipeline with 1; the next start with another command went on from the last epoch"

# --- full pipes in both directions: the command writes much more than it reads, and reads all before it writes
for _ in {1..5}; do cat in.ndjson; done >big.ndjson
pipe-via -- awk '{print; print; print; print}' <big.ndjson | awk 'END {print NR}' >count
[ "$(cat count)" -eq $((100000 * 4)) ]
pipe-via -- sort <big.ndjson | cmp - <(sort big.ndjson)
show "100,000 records through a command that writes four times as much, and through sort: nothing lost, no standstill"

# --- SIGTERM: the command's output still comes; the reader is gone: the command goes too
mkfifo pipe
pipe-via -- cat <pipe >after-term &
pid=$!
exec 4>pipe
head -3 in.ndjson >&4
wait_until 30 test -s after-term
kill -TERM $pid
wait $pid
exec 4>&-
cmp after-term <(head -3 in.ndjson)
mkfifo never
exec 5<>never
timeout 300 pipe-via -- sleep 1000 <never | true
[ "${PIPESTATUS[0]}" -eq 0 ]
exec 5>&-
status=0
pipe-via -- cat <in.ndjson >/dev/full 2>err || status=$?
[ $status -eq 1 ] && grep -q '^pipe-via: ' err
show "SIGTERM, a closed reader and a full device end it as they end every tool"
