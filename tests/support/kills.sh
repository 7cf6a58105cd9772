# The beginning of a test of pipelines under random kill -9; `seed` chooses the kills.
# shellcheck shell=bash

source "$WEIR_SOURCE/tests/support/begin.sh"
RANDOM=${seed:-1}
kills=0   # processes killed while they ran
starts=0  # of pipelines

show() { echo "$(basename "$0" .sh): $*"; }

# Starts a pipeline in a session of its own, so that all of its processes can be found.
start_session() {
  setsid bash -o pipefail -c "$1" 2>>"$PARTS/kills.err" &
  session=$!
  starts=$((starts + 1))
}

# The processes of the session, without the shells that only wait for others.
stages_of_session() {
  ps -o pid=,comm= -s "$session" | awk '$2 != "bash" {print $1}'
}

session_over() {
  local pids
  mapfile -t pids < <(ps -o pid= -s "$1" | tr -d ' ')
  ! any_runs "${pids[@]}"
}

# Kills one, some or all of the stages.
kill_some() {
  local pids pid how
  mapfile -t pids < <(stages_of_session)
  [ ${#pids[@]} -gt 0 ] || return 0
  how=$((RANDOM % 3))
  if [ $how -eq 0 ]; then pids=("${pids[RANDOM % ${#pids[@]}]}"); fi
  for pid in "${pids[@]}"; do
    if [ $how -eq 2 ] && ((RANDOM % 2)); then continue; fi
    if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
  done
}

# run_under_kills MOST LINE: starts the line again and again until it ends with 0, and kills stages until MOST were killed.
# Every second start overlaps with the processes left of the one before.
run_under_kills() {
  local most=$1 line=$2 status before
  while :; do
    before=${session:-}
    start_session "$line"
    if ((kills < most)); then
      sleep "0.$(printf %03d $((RANDOM % 250)))"
      kill_some
    fi
    status=0
    wait "$session" || status=$?
    [ $status -ne 2 ] && [ $status -ne 3 ] || { echo "exit $status:" >&2; tail -5 "$PARTS/kills.err" >&2; return 1; }
    [ $status -ne 0 ] || break
    ((RANDOM % 2)) || wait_until 30 session_over "$session"
  done
  wait_until 30 session_over "$session"
  [ -z "$before" ] || wait_until 30 session_over "$before"
}
