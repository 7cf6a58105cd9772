#!/usr/bin/env bash
# labels: owm faults
# tools: owm-poll csv-append
# timeout: 300
# owm-poll --state | csv-append --state under kill -9 at random moments, against a stand-in whose every answer is a new reading: each
# record that was stored stands in the file once and in order, and no reading twice. Then the hours of the past, which every run
# asks for again: each once, whatever was killed. Then runs from cron.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
random_moments
begin() { # begin OUT OPTION…
  local out=$1
  shift
  begin_group "export WEIR_STATE=$PARTS/$out.state; owm-poll --checkpoint-every 5ms $* | csv-append $out"
}
# stored OUT: the records in the spool, which is too short here for any of it to have been removed.
stored() { sed 's/^[0-9a-f]* -\{0,1\}[0-9]* //' "$1.state/owm-poll/spool/s-1"; }
all_there() { stored "$1" | csv-append - | cmp - "$1"; }
hours() { grep ':00:00Z,' | sort; }

# --- every answer is a new reading
start_owm --step 600
places='--city Athens --city Oslo --city Rome --city Paris --city Lima --rate-limit 100000'
for ((kills = 0; kills < 24; kills++)); do
  begin live.csv --every 1s "$places"
  kill_some owm-poll csv-append
done
begin live.csv --every 1s "$places"
before=$(stored live.csv | wc -l)
more_stored() { [ "$(stored live.csv | wc -l)" -ge $((before + 5)) ]; }
wait_until 60 more_stored
as_many() { [ "$(stored live.csv | wc -l)" -eq "$(($(wc -l <live.csv) - 1))" ]; }
kill -TERM -- "-$group"
wait_until 60 gone
# What was stored last and had not gone out goes out now, without an answer from anybody.
kill "$PARTS_OWM"
wait "$PARTS_OWM" 2>/dev/null || true
begin live.csv --every 1h --retries 0 "$places"
wait_until 60 as_many
kill -TERM -- "-$group"
wait_until 60 gone
all_there live.csv || fail "what was stored is not what stands in the file"
answers=$(wc -l <owm.log)
[ "$(tail -n +2 live.csv | cut -d, -f1,2 | sort | uniq -d | wc -l)" -eq 0 ] || fail "a reading came twice"
echo "killed: $(($(wc -l <live.csv) - 1)) records of $answers answers through $kills kill -9, each once and in order"

# --- the same hours are asked for in every run
start_owm
past='--once --provider open-meteo --past 2d --city Athens --city Oslo --city Home@44.34,10.99'
eval "owm-poll $past" >once.ndjson 2>>words # and once more in the end: an hour that is not in both came or went meanwhile
for ((kills = 0; kills < 12; kills++)); do
  begin past.csv "$past"
  kill_some owm-poll csv-append
done
eval "WEIR_STATE=past.csv.state owm-poll $past" 2>>words | WEIR_STATE=past.csv.state csv-append past.csv 2>>words
eval "WEIR_STATE=past.csv.state owm-poll $past" 2>>words | WEIR_STATE=past.csv.state csv-append past.csv 2>>words
eval "owm-poll $past" >again.ndjson 2>>words
comm -12 <(csv-append - <once.ndjson | hours) <(csv-append - <again.ndjson | hours) >once.rows
[ "$(wc -l <once.rows)" -ge 100 ] || fail "only $(wc -l <once.rows) hours"
hours <past.csv >past.rows
[ "$(comm -23 once.rows past.rows | wc -l)" -eq 0 ] || fail "hours are missing: $(comm -23 once.rows past.rows | head -3)"
[ "$(tail -n +2 past.csv | cut -d, -f1,2 | sort | uniq -d | wc -l)" -eq 0 ] || fail "an hour came twice"
all_there past.csv || fail "what was stored is not what stands in the file"
echo "the past: $(wc -l <past.rows) hours of three cities through $kills kill -9 and two runs more, each once"

status=0
owm-poll --once --city Athens --sent s --state x 2>err || status=$?
[ $status -eq 2 ] || fail "exit $status for --sent beside --state"
