#!/usr/bin/env bash
# A page with sliders over a pipe of small programs: sensor-sim | win-agg | thresh-alert, seen by dash-serve.
#   demo.sh [PORT]            serves http://127.0.0.1:PORT/ (8080) until Ctrl-C
#   demo.sh set NAME VALUE    what a slider does: notes the value and starts the pipe again with it
# The settings and the pipe's process stand in DEMO_DIR, a temporary folder when it is not set.
set -euo pipefail
self=$(readlink -f "$0")

if [ "${1:-}" = set ]; then
  cd "$DEMO_DIR"
  case "$2" in rate | window | threshold) printf '%s\n' "$3" >"$2" ;; *) exit 2 ;; esac
  kill -TERM -- "-$(cat pipe.pid)" 2>/dev/null || true
  exit 0
fi
case "${1:-8080}" in *[!0-9]*) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2 ;; esac

sensors=4
port=${1:-8080}
if [ -z "${DEMO_DIR:-}" ]; then
  DEMO_DIR=$(mktemp -d)
  made=$DEMO_DIR
fi
export DEMO_DIR
finish() {
  trap - EXIT
  kill "$page" 2>/dev/null || true
  [ ! -s "$DEMO_DIR/pipe.pid" ] || kill -TERM -- "-$(cat "$DEMO_DIR/pipe.pid")" 2>/dev/null || true
  wait
  [ -z "${made:-}" ] || rm -rf "$made"
}
page=0
trap finish EXIT
trap 'exit 0' INT TERM
cd "$DEMO_DIR"
echo 20 >rate
echo 5 >window
echo 44 >threshold
mkfifo feed
dash-serve --title 'sensor-sim | win-agg | thresh-alert' --by sensor --time window_end --field mean,highest,events --listen "127.0.0.1:$port" \
  --slider 'rate=4..2000/4:20 Events a second' --slider 'window=1..30:5 Window, seconds' --slider 'threshold=0..60:44 Alert when the mean is above' \
  --on-slider "$self set {name} {value}" <>feed &
page=$!

# The pipe runs until a slider ends it, and starts again with what the sliders say now. It is a process group of its own.
export every
while kill -0 "$page" 2>/dev/null; do
  every=$((sensors * 1000000 / $(cat rate)))us
  setsid bash -c 'echo $$ >pipe.pid
    sensor-sim --sensors 4 --realtime --every "$every" |
      win-agg --every "$(cat window)s" --by sensor --agg "avg(value) as mean, max(value) as highest, count() as events" |
      tee >(thresh-alert -u --by sensor --time window_end --rule "mean > $(cat threshold)" >feed) >feed' &
  wait $! || true
  sleep 0.1
done
