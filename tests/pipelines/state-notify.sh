#!/usr/bin/env bash
# alert-notify with checkpoints: a channel that is away stops neither the stream nor the others, and its messages wait over stops and kills;
# what was refused is one reject, whatever is killed; escalations and acknowledgements go on from state to state.
# labels: state faults
# tools: csv-tail alert-notify
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"

same() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; } # same WHAT GOT EXPECTED
stand_in() { # stand_in PORT ANSWER…
  "$WEIR_SOURCE/tests/support/alert-services" --keep kept --port "$@" >>services.log 2>&1 &
  server=$!
  parts_pids+=("$server")
  wait_until 20 port_open "$1"
}
# rows FROM TO: alerts of four sensors that begin and end in turn.
rows() {
  awk -v from="$1" -v to="$2" 'BEGIN { if (from == 1) print "timestamp,state,level,rule,sensor"
    for (i = from; i <= to; i++) printf "2026-07-01T%02d:%02d:00Z,%s,warning,hot,s%d\n", i / 60, i % 60, i % 8 < 4 ? "firing" : "resolved", i % 4 }'
}
mkfifo pipe
start() { # start STATE SOURCE-OPTION… -- OPTION…: sets source and sink
  local state=$1 options=()
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  csv-tail --state "$state" "${options[@]}" rows.csv 2>>words >pipe &
  source=$!
  alert-notify --state "$state" "$@" 2>>words <pipe &
  sink=$!
}
ended() { wait "$source" && wait "$sink" || fail "$1: $?"; }
killed() { # the sink; the source ends by that
  kill -9 "$sink" || fail "the sink had ended"
  { wait "$sink" || true; } 2>>words
  wait "$source" || true
}

# 1. A channel that is away: the other gets all, epochs end, SIGTERM ends it. The rest arrives at later starts, through kills.
rows 1 60 >rows.csv
port=$(free_port)
channels=(--webhook "http://127.0.0.1:$port/hook" --program "sh -c 'cat >>program'" --history-file history)
follow=(-f --checkpoint-every 20ms)
start s1 "${follow[@]}" -- "${channels[@]}"
wait_until 60 lines_in program 60
rows 61 100 >>rows.csv
wait_until 60 lines_in program 100
committed() { [ "$(cat s1/commit)" -ge 2 ]; }
wait_until 60 committed
kill -TERM "$source"
ended SIGTERM
same 'the channel that is away' "$(jq -r 'select(.channel == "webhook").state' history | sort -u)" later
for _ in 1 2 3 4 5; do
  tried=$(wc -l <history)
  start s1 "${follow[@]}" -- "${channels[@]}"
  wait_until 60 lines_in history $((tried + 1))
  killed
done
[ ! -e kept ] || fail "the channel that is away got something"
: >kept
stand_in "$port"
all_there() { [ "$(jq -r .id kept | sort -u | wc -l)" = 100 ]; }
some_there() { lines_in kept $((arrived + 5)) || all_there; }
for _ in 1 2 3 4 5; do
  arrived=$(wc -l <kept)
  start s1 "${follow[@]}" -- "${channels[@]}"
  wait_until 60 some_there
  killed
done
start s1 "${follow[@]}" -- "${channels[@]}"
wait_until 60 all_there
kill -TERM "$source"
ended 'the last start'
same 'none is lost' "$(jq -r .id kept | sort -u | wc -l) $(jq -r .id program | sort -u | wc -l)" '100 100'
same 'each is itself' "$(jq -c '[.id, .body]' kept | sort -u | wc -l)" 100
doubles=$(($(wc -l <kept) - 100))
[ "$doubles" -le 5 ] || fail "$doubles messages came twice after 5 kills"
same 'the others come once' "$(wc -l <program)" 100
kill "$server"
echo "10 kills, none of 200 messages lost, $doubles came twice with their id"

# 2. A refusal is one reject, though the run is killed before the next epoch ends.
rm -f kept history program
rows 1 3 >rows.csv
port=$(free_port)
stand_in "$port" 400
channels=(--webhook "http://127.0.0.1:$port/hook" --history-file history)
follow=(-f --checkpoint-every 1h --checkpoint-records 3)
start s2 "${follow[@]}" -- "${channels[@]}"
wait_until 60 lines_in history 3
killed
start s2 "${follow[@]}" -- "${channels[@]}"
rows 4 6 >>rows.csv
wait_until 60 lines_in history 6
kill -TERM "$source"
ended 'after a refusal'
same 'the reject' "$(jq -c '[(.raw | fromjson).sensor, .reason]' s2/alert-notify/rejects)" '["s1","webhook refuses it: 400: {\"error\":\"answer 400\"}"]'
same 'the others' "$(jq -r .id kept | sort -u | wc -l)" 5
kill "$server"

# 3. An escalation comes after a restart; not where somebody has acknowledged meanwhile. A route that is gone is forgotten.
cat >routes.toml <<'TOML'
[channel.duty]
type = "program"
command = "sh -c 'cat >>duty'"
[channel.boss]
type = "program"
command = "sh -c 'cat >>boss'"
[[route]]
name = "one"
to = "duty"
escalate = [{after = "15m", to = "boss"}]
[[route]]
name = "two"
to = "duty"
TOML
printf '%s\n' timestamp,state,level,rule,sensor,ack 2026-07-01T10:00:00Z,firing,critical,hot,s1, 2026-07-01T10:01:00Z,firing,critical,hot,s2, >rows.csv
start s3 -- --routes routes.toml
ended 'the first start'
[ ! -e boss ] || fail "too early"
printf '%s\n' ,,,,,hot/s1 2026-07-01T10:20:00Z,resolved,critical,hot,s3, >>rows.csv
start s3 -- --routes routes.toml
ended 'the second start'
same 'the escalation' "$(jq -r .dedup_key boss | xargs)" 'hot/s2'
same 'the duty' "$(jq -r '"\(.kind) \(.dedup_key)"' duty | xargs)" 'firing hot/s1 firing hot/s2 resolved hot/s3'
sed -i 's/name = "one"/name = "other"/' routes.toml
echo 2026-07-01T10:40:00Z,resolved,critical,hot,s2, >>rows.csv
start s3 -- --routes routes.toml
ended 'the third start'
same 'an end without its beginning' "$(tail -n 1 duty | jq -r '"\(.kind) \(.dedup_key)"') $(wc -l <boss)" 'resolved hot/s2 1'
echo "refusals are one reject each; escalations, acknowledgements and routes go on from a state"
