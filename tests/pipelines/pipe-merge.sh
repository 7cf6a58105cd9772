#!/usr/bin/env bash
# Several inputs into one checkpointed pipeline: whatever is killed when, each record of each input comes out once, in its input's order.
# labels: faults
# tools: csv-tail csv-append pipe-merge pipe-via rec-dedup sensor-sim
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/kills.sh"

for n in 1 2 3; do
  sensor-sim --weather --cities 3 --start 2026-01-01T00:00:00Z --every 1h --count $((n * 40000)) --seed $n | sed "s/\"city\":\"/&$n-/" | csv-append in-$n.csv
done

# Each input's rows in their order, and nothing else.
whole() { # whole FILE
  local n
  [ "$(wc -l <"$1")" -eq $(($(cat in-?.csv | wc -l) - 2)) ]
  for n in 1 2 3; do cmp <(grep ",$n-" "$1") <(tail -n +2 in-$n.csv); done
}

# --- without state: inputs of very different lengths, FIFOs and a shell's
mkfifo slow
csv-tail in-1.csv >slow &
pipe-merge slow <(csv-tail in-2.csv) <(csv-tail in-3.csv) | csv-append plain.csv
wait $!
whole plain.csv
show "three inputs of 40,000 to 120,000 records: all there, each in its order"

# --- kills of every stage, in the inputs too
round=0
while [ $kills -lt 32 ]; do
  round=$((round + 1))
  export WEIR_STATE=$PARTS/state-$round out=out-$round.csv
  run_under_kills $((kills + 14)) 'pipe-merge \
      <(WEIR_STATE=$WEIR_STATE/one csv-tail --checkpoint-records 100 in-1.csv) \
      <(export WEIR_STATE=$WEIR_STATE/two; csv-tail --checkpoint-records 100 in-2.csv | rec-dedup --by city,timestamp --within 100d) \
      <(WEIR_STATE=$WEIR_STATE/three csv-tail --checkpoint-records 100 in-3.csv) | csv-append $out'
  whole "$out"
done
show "$round pipelines, $kills processes killed, $starts starts: each record of each input once, in its order"

# --- an input that is finished, one that goes on: the rows of both are committed; both grow, the next start goes on in each
export WEIR_STATE=$PARTS/state-grown
head -5001 in-1.csv >grown-1.csv
head -101 in-2.csv >grown-2.csv
line='pipe-merge <(WEIR_STATE=$WEIR_STATE/one csv-tail grown-1.csv) <(WEIR_STATE=$WEIR_STATE/two csv-tail -f grown-2.csv) | csv-append grown.csv'
rows() { [ "$(wc -l <grown.csv)" -eq "$1" ]; }
start_session "$line"
wait_until 30 rows 5101
sed -n 102,1101p in-2.csv >>grown-2.csv
wait_until 30 rows 6101
ps -o pid=,comm= -s "$session" | awk '$2 == "csv-tail" {print $1}' | xargs kill -TERM
wait "$session"
wait_until 30 session_over "$session"
sed -n 5002,5011p in-1.csv >>grown-1.csv
start_session "$line"
wait_until 30 rows 6111
ps -o pid=,comm= -s "$session" | awk '$2 == "pipe-merge" {print $1}' | xargs kill -TERM
wait "$session"
cmp <(grep ',1-' grown.csv) <(tail -n +2 grown-1.csv)
cmp <(grep ',2-' grown.csv) <(tail -n +2 grown-2.csv)
show "an input that had ended, and one that was followed, went on in their places when both had grown"

# --- folders: two inputs in one, an input in the folder of the whole, one that is missing
said() { # said EXIT WORDS LINE
  local status=0
  bash -o pipefail -c "$3" >said.out 2>said.err || status=$?
  [ $status -eq "$1" ] && grep -qF -- "$2" said.err || { cat said.err; echo "exit $status, expected $1 and '$2'"; return 1; }
}
export WEIR_STATE=$PARTS/state-wrong
said 2 '/NAME' 'mkfifo a; WEIR_STATE=$PWD/elsewhere/one csv-tail in-1.csv >a & pipe-merge <(WEIR_STATE=$WEIR_STATE/one csv-tail in-1.csv) a >/dev/null'
said 2 'somewhere else' 'pipe-merge <(WEIR_STATE=$PWD/other/one csv-tail in-1.csv) >/dev/null'
said 2 'records come from a source that keeps state too' 'pipe-merge <(WEIR_STATE= csv-tail in-1.csv) >/dev/null'
said 1 'this stage keeps no state' 'WEIR_STATE= pipe-merge <(WEIR_STATE=$WEIR_STATE/x csv-tail in-1.csv) >/dev/null'
export WEIR_STATE=$PARTS/state-1
said 3 'the input three is missing' 'pipe-merge <(WEIR_STATE=$WEIR_STATE/one csv-tail in-1.csv) <(WEIR_STATE=$WEIR_STATE/two csv-tail in-2.csv) | csv-append out-1.csv; exit ${PIPESTATUS[0]}'
bash -o pipefail -c 'pipe-merge --drop three --drop two <(WEIR_STATE=$WEIR_STATE/one csv-tail in-1.csv) | csv-append out-1.csv'
whole out-1.csv
show "inputs that share a folder, keep none, or are missing are refused with words; --drop goes on without one"
