#!/usr/bin/env bash
# pipe-run: its stages go with it; records at which a stage fails are set aside, each once and no others, also under kill -9.
# labels: faults
# tools: csv-tail csv-append pipe-via pipe-run
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/kills.sh"

# --- killed by -9: no stage stays, foreign programs included
stages_of() { ps -o pid= --ppid "$1"; }
all_started() { [ "$(stages_of "$1" | wc -l)" -eq 3 ]; }
gone() { ! ps -o stat= -p "$1" | grep -v Z >/dev/null; }
echo 'id,text' >empty.csv
pipe-run 'csv-tail -f empty.csv | pipe-via --keep -- cat | sleep 1000' &
runner=$!
wait_until 20 all_started $runner
mapfile -t left < <(stages_of $runner)
kill -9 $runner
for pid in "${left[@]}"; do wait_until 20 gone "$((pid))"; done
show "pipe-run killed by -9: its ${#left[@]} stages are gone"

# --- records that end the command, among others, while stages are killed at random
seq 1 2000 | awk 'BEGIN {print "id,text"} {print $1 "," ($1 == 700 || $1 == 1900 || $1 == 1901 || $1 == 2000 ? "bad" : "good")}' >in.csv
cat >picky.sh <<'EOF'
while read -r line; do case $line in *bad*) exit 7 ;; *) echo "$line" ;; esac; done
EOF
export WEIR_STATE=$PARTS/state
pipe-run --restart-after 20ms --restart-at-most 200ms -- 'csv-tail in.csv | pipe-via -- sh picky.sh | csv-append out.csv' 2>run.err &
runner=$!
while kill -0 $runner 2>/dev/null && ((kills < 8)); do
  sleep "0.$(printf %03d $((100 + RANDOM % 400)))"
  mapfile -t pids < <(stages_of $runner)
  [ ${#pids[@]} -gt 0 ] || continue
  ! kill -9 "$((pids[RANDOM % ${#pids[@]}]))" 2>/dev/null || kills=$((kills + 1))
done
wait $runner || { tail -20 run.err; exit 1; }
unset WEIR_STATE
grep -v bad in.csv | cmp - out.csv
jq -r '.raw | fromjson | .id' state/csv-tail/rejects | paste -sd' ' >ids
[ "$(cat ids)" = '700 1900 1901 2000' ] || { echo "set aside: $(cat ids)"; tail -20 run.err; exit 1; }
! grep -E 'pipe-run: csv-(tail|append) .* exit 1' run.err || exit 1 # innocent stages
grep -F 'pipe-run: pipe-via (stage 2) ended: exit 1' run.err >/dev/null
show "4 records that end the command, $kills processes killed: the others are in the output once, these 4 in the rejects"

# --- a command that fails with every record: nothing is set aside, and a corrected one goes on
status=0
pipe-run --state all --max-restarts 3 --restart-after 5ms --restart-at-most 5ms -- 'csv-tail in.csv | pipe-via -- sh -c "exit 3" | csv-append all.csv' 2>all.err || status=$?
[ $status -eq 1 ] && [ ! -s all/csv-tail/rejects ]
grep -F 'no single record causes it' all.err >/dev/null
pipe-run --state all -- 'csv-tail in.csv | pipe-via -- cat | csv-append all.csv'
cmp in.csv all.csv
show "a command that fails with everything sets nothing aside"

# --- a stop in the moment in which shards begin is a stop
echo 'csv-tail -f in.csv | csv-append "shard$WEIR_SHARD_NUMBER.csv"' >shards.pipe
two_children() { read -r -a pids <"/proc/$1/task/$1/children" || [ ${#pids[@]} -ge 2 ]; }
for ((start = 0; start < 20; start++)); do
  rm -rf shards
  pipe-run --shards 2 --state shards shards.pipe 2>shards.err &
  runner=$!
  pids=()
  until two_children $runner; do kill -0 $runner || { cat shards.err; exit 1; }; done
  [ $((start % 2)) -eq 0 ] || sleep "0.00$((start / 2))"
  kill -TERM $runner
  wait $runner || { echo "stopped at once: $?, $(cat shards.err)"; exit 1; }
done
show "20 stops of shards that had just begun"
