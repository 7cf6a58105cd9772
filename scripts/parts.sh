# What tests, benchmarks and the quickstart share: a temporary folder, free ports, pipelines in the background, and real servers
# (scripts/servers). Everything started here ends, and the folder goes, when the sourcing shell exits, however it exits.
#
#   source scripts/parts.sh
#   parts_begin                    # makes $PARTS, the folder, and sets the exit trap
#   start_NAME [ARGUMENT…]         # starts scripts/servers/NAME.sh: mosquitto, postgres, smtp, owm, registry; stop_NAME ends it
#   run_group 'a | b'              # runs a pipeline in the background as one process group; stop_groups ends them all
# shellcheck shell=bash

parts_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for parts_server in "$parts_source"/scripts/servers/*.sh; do
  # shellcheck disable=SC1090
  source "$parts_server"
done

parts_begin() {
  PARTS=$(mktemp -d "${TMPDIR:-/tmp}/weir-parts.XXXXXX")
  parts_pids=()
  parts_groups=()
  parts_stops=() # commands that stop what is not a child of this shell
  trap parts_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'echo "parts: a process that was written to has ended" >&2; exit 141' PIPE # it would end this shell without a word
  chmod 755 "$PARTS"
}

# Runs at exit. A script's own cleanup goes into a function parts_cleanup.
parts_end() {
  local status=$?
  set +e # a process that is gone already must not keep the others alive
  trap '' INT TERM
  if declare -F parts_cleanup >/dev/null; then parts_cleanup; fi
  local pid stop
  for stop in "${parts_stops[@]}"; do $stop || true; done
  stop_groups
  for pid in "${parts_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  # A child that is not yet the program that it is to become loses the signal.
  local tries=200
  while [ $tries -gt 0 ] && parts_any_alive; do sleep 0.05 && tries=$((tries - 1)); done
  for pid in "${parts_pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  for pid in "${parts_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$PARTS"
  exit "$status"
}

# Whether one of the script's children still runs.
parts_any_alive() {
  local pid
  for pid in "${parts_pids[@]}"; do if kill -0 "$pid" 2>/dev/null; then return 0; fi; done
  return 1
}

# Prints a free port that no other test gets for a long time: they are given out in turn, below those of outgoing connections, one of
# which could have taken it before its server does, or have connected to itself.
free_port() {
  /usr/bin/python3 - <<'PYTHON'
import fcntl, os, socket
with os.fdopen(os.open(f"/tmp/weir-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+") as turn:
    fcntl.flock(turn, fcntl.LOCK_EX)
    last = int(turn.read() or 0)
    for step in range(1, 20_000):
        port = 12_000 + (last + step) % 20_000
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
                break
            except OSError:
                continue
    turn.seek(0)
    turn.write(f"{port - 12_000:5}")
print(port)
PYTHON
}

# wait_until SECONDS COMMAND…: polls until the command succeeds, for ten times as long at most, as the machine may be busy.
wait_until() {
  local tries=$(($1 * 200))
  shift
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "parts: gave up waiting for: $*" >&2; return 1; }
    sleep 0.05
  done
}

# python_with PACKAGE==VERSION…: prints a Python that has packages which Debian lacks. They are installed once, by pip, into the
# cache that the servers' jars are in.
python_with() {
  local name=${*//==/-}
  local folder=${WEIR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}/python-${name// /_}
  mkdir -p "$folder"
  (
    flock 9
    [ ! -e "$folder/complete" ] || exit 0
    echo "parts: $* is installed into $folder" >&2
    /usr/bin/python3 -m venv "$folder/venv" >"$folder/log" 2>&1 && "$folder/venv/bin/pip" install "$@" >>"$folder/log" 2>&1 ||
      { cat "$folder/log" >&2; echo "parts: $* could not be installed" >&2; exit 1; }
    touch "$folder/complete"
  ) 9>"$folder/lock" || return 1
  echo "$folder/venv/bin/python"
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# serve_process LOG PORT COMMAND…: runs a server, whose process becomes $served, and waits until the port is open.
serve_process() {
  local log=$1 port=$2
  shift 2
  "$@" >>"$log" 2>&1 &
  served=$!
  parts_pids+=("$served")
  wait_until 30 open_or_gone "$port" "$served" && kill -0 "$served" 2>/dev/null ||
    { cat "$log" >&2; echo "parts: nothing listens at port $port: $*" >&2; exit 1; }
}

open_or_gone() { port_open "$1" || ! kill -0 "$2" 2>/dev/null; }

# Whether a process has its handler of SIGTERM; without one the signal would end it.
handles_term() {
  local caught
  # A child is the shell until its name changes.
  [ "$(cat "/proc/$1/comm")" != bash ] && caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status") && ((0x$caught >> 14 & 1))
}

# end_process PID [SIGNAL]: ends a process started here (by TERM without a signal), and waits until it is gone.
end_process() {
  kill "-${2:-TERM}" "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# start_missing VARIABLE=SERVER…: starts each server that its variable does not name yet.
start_missing() {
  local each variable
  for each in "$@"; do
    variable=${each%%=*}
    [ -n "${!variable:-}" ] || "start_${each#*=}"
  done
}

need_program() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || { echo "parts: $1 is not installed; scripts/bootstrap installs it" >&2; exit 1; }
}

run_group() {
  setsid bash -c "$1" &
  parts_groups+=("$!")
}

# any_runs PID…: whether one of these processes, or a thread of theirs, still runs. One that has ended is listed until its parent has
# taken note of it, and an init that is busy may leave that for minutes.
any_runs() {
  local pid
  for pid in "$@"; do
    ! awk '$1 == "State:" && $2 !~ /[XZ]/ { runs = 1 } END { exit !runs }' "/proc/$pid/task/"*/status 2>/dev/null || return 0
  done
  return 1
}

group_alive() {
  local pids
  kill -0 -- "-$1" 2>/dev/null || return 1
  mapfile -t pids < <(pgrep -g "$1")
  any_runs "${pids[@]}"
}
group_gone() { ! group_alive "$1"; }

# Kills the last group, and waits until none of its processes is there.
kill_group() {
  local group=${parts_groups[-1]}
  unset 'parts_groups[-1]'
  kill -KILL -- "-$group" 2>/dev/null || kill -KILL "$group" 2>/dev/null || true # which may not lead a group yet
  wait "$group" 2>/dev/null || true
  wait_until 30 group_gone "$group"
}

# Sends SIGTERM to every group, and SIGKILL to those that remain after a minute.
stop_groups() {
  local group tries
  for group in "${parts_groups[@]}"; do kill -TERM -- "-$group" 2>/dev/null || kill -TERM "$group" 2>/dev/null || true; done
  for group in "${parts_groups[@]}"; do
    for ((tries = 0; tries < 1200; tries++)); do
      group_alive "$group" || break
      sleep 0.05
    done
    kill -KILL -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true
  done
  parts_groups=()
}

# Prints the path of the year of real readings as CSV, or of simulated ones of the same shape when it is missing;
# reports which it is.
readings_csv() {
  # The cities of the real readings, because tests name them.
  local city options=() cities=(
    Albuquerque Atlanta Beersheba Boston Charlotte Chicago Dallas Denver Detroit Eilat Haifa Houston Indianapolis Jacksonville
    Jerusalem "Kansas City" "Las Vegas" "Los Angeles" Miami Minneapolis Montreal Nahariyya Nashville "New York" Philadelphia
    Phoenix Pittsburgh Portland "Saint Louis" "San Antonio" "San Diego" "San Francisco" Seattle "Tel Aviv District" Toronto
    Vancouver
  )
  local real=${WEIR_TEST_DATA:-$parts_source/../shared/data}/openweather-hourly/readings.csv.gz
  if [ -f "$real" ]; then
    [ -f "$PARTS/readings.csv" ] || zcat "$real" >"$PARTS/readings.csv"
    echo "readings: the real ones, $(($(wc -l <"$PARTS/readings.csv") - 1)) of them" >&2
  else
    echo "readings: simulated (set WEIR_TEST_DATA to the folder that holds openweather-hourly/ for the real ones)" >&2
    for city in "${cities[@]}"; do options+=(--city "$city"); done
    [ -f "$PARTS/readings.csv" ] || "$WEIR_BIN/sensor-sim" --weather "${options[@]}" --start 2016-12-01T00:00:00Z --every 1h --count 306612 --gaps 0.0001 --seed 1 |
      "$WEIR_BIN/csv-append" "$PARTS/readings.csv"
  fi
  echo "$PARTS/readings.csv"
}
