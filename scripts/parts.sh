# Real parts in a temporary folder on free ports: mosquitto, PostgreSQL, an SMTP server that keeps the mails. Sourced by the tests, the
# quickstart and the benchmarks. Everything started here ends, and the folder goes, when the sourcing shell exits, however it does.
#
#   source scripts/parts.sh
#   parts_begin                    # makes $PARTS, the folder, and sets the exit trap
#   start_mosquitto [config-line…] # sets MQTT_HOST, MQTT_PORT (the tools read them)
#   start_postgres                 # sets PGHOST, PGPORT, PGUSER, PGDATABASE; stop_postgres/restart_postgres too
#   run_group 'a | b'              # a pipeline in the background as one process group; stop_groups ends them all
#   start_smtp                     # sets SMTP_HOST, SMTP_PORT, SMTP_FROM; mails land in $PARTS/mails, one file each
#   start_owm                      # sets OWM_BASE_URL, OWM_API_KEY: a stand-in for the weather providers; requests in $PARTS/owm.log
# shellcheck shell=bash

parts_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

parts_begin() {
  PARTS=$(mktemp -d "${TMPDIR:-/tmp}/weir-parts.XXXXXX")
  parts_pids=()
  parts_groups=()
  trap parts_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  chmod 755 "$PARTS"
}

# Runs at exit; a script's own cleaning goes into the function parts_cleanup.
parts_end() {
  local status=$?
  set +e  # what is gone already is no reason to leave the rest
  trap '' INT TERM
  if declare -F parts_cleanup >/dev/null; then parts_cleanup; fi
  [ -z "${PARTS_PG:-}" ] || stop_postgres immediate || true
  stop_groups
  local pid
  for pid in "${parts_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${parts_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$PARTS"
  exit "$status"
}

# A port that nothing listens on now.
free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_until SECONDS COMMAND…: polls until the command succeeds. A machine that is busy with other things is given three times as long.
wait_until() {
  local tries=$(($1 * 60))
  shift
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "parts: gave up waiting for: $*" >&2; return 1; }
    sleep 0.05
  done
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

need_program() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || { echo "parts: $1 is not installed; scripts/bootstrap installs it" >&2; exit 1; }
}

run_group() {
  setsid bash -c "$1" &
  parts_groups+=("$!")
}

group_alive() { kill -0 -- "-$1" 2>/dev/null; }

# SIGTERM to every group, SIGKILL after five seconds to what is left.
stop_groups() {
  local group tries
  for group in "${parts_groups[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
  for group in "${parts_groups[@]}"; do
    for ((tries = 0; tries < 100; tries++)); do
      group_alive "$group" || break
      sleep 0.05
    done
    kill -KILL -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true
  done
  parts_groups=()
}

# Extra arguments are lines of the broker's configuration. Queues are without limit, so that QoS 1 loses nothing.
start_mosquitto() {
  need_program mosquitto
  export MQTT_HOST=127.0.0.1 MQTT_PORT=${MQTT_PORT_FIXED:-$(free_port)}
  mkdir -p "$PARTS/mosquitto"
  {
    printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$MQTT_PORT"
    printf 'max_queued_messages 0\nset_tcp_nodelay true\n'
    [ "$(id -u)" -ne 0 ] || printf 'user root\n'
    [ $# -eq 0 ] || printf '%s\n' "$@"
  } >"$PARTS/mosquitto/mosquitto.conf"
  run_mosquitto
}

run_mosquitto() {
  PATH=$PATH:/usr/sbin mosquitto -c "$PARTS/mosquitto/mosquitto.conf" >>"$PARTS/mosquitto/log" 2>&1 &
  PARTS_MOSQUITTO=$!
  parts_pids+=("$PARTS_MOSQUITTO")
  wait_until 10 port_open "$MQTT_PORT" || { cat "$PARTS/mosquitto/log" >&2; exit 1; }
}

# Kills the broker and starts it again on the same port.
restart_mosquitto() {
  kill "$PARTS_MOSQUITTO"
  wait "$PARTS_MOSQUITTO" 2>/dev/null
  run_mosquitto
}

# PostgreSQL refuses to run as root, so as root its programs run as the user that its package made.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  local dirs=(/usr/lib/postgresql/*/bin)
  PARTS_PG_BIN=${dirs[-1]}
  [ -x "$PARTS_PG_BIN/initdb" ] || { echo "parts: PostgreSQL is not installed; scripts/bootstrap installs it" >&2; exit 1; }
  PARTS_PG=$PARTS/postgres
  mkdir -p "$PARTS_PG"
  [ "$(id -u)" -ne 0 ] || chown postgres: "$PARTS_PG"
  export PGHOST=127.0.0.1 PGPORT PGUSER=weir PGDATABASE=postgres
  PGPORT=$(free_port)
  (cd "$PARTS_PG" && as_postgres "$PARTS_PG_BIN/initdb" -D "$PARTS_PG/data" -U weir -A trust -E UTF8 --locale=C.UTF-8 --no-sync) >"$PARTS/initdb.log" 2>&1 ||
    { cat "$PARTS/initdb.log" >&2; exit 1; }
  pg_control start
}

pg_control() {
  (cd "$PARTS_PG" && as_postgres "$PARTS_PG_BIN/pg_ctl" -D "$PARTS_PG/data" -w -t 30 -l "$PARTS_PG/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$PGPORT -c unix_socket_directories=$PARTS_PG -c timezone=UTC" "$@" >/dev/null) ||
    { cat "$PARTS_PG/log" >&2; return 1; }
}

stop_postgres() { pg_control stop -m "${1:-fast}"; }
restart_postgres() { pg_control restart -m "${1:-fast}"; }

# Extra arguments go to the server (see tests/support/smtp-server --help).
start_smtp() {
  export SMTP_HOST=127.0.0.1 SMTP_PORT SMTP_FROM="${SMTP_FROM:-weir@example.org}"
  SMTP_PORT=$(free_port)
  mkdir -p "$PARTS/mails"
  /usr/bin/python3 "$parts_source/tests/support/smtp-server" --port "$SMTP_PORT" --mails "$PARTS/mails" "$@" >"$PARTS/smtp.log" 2>&1 &
  parts_pids+=("$!")
  wait_until 15 port_open "$SMTP_PORT" || { cat "$PARTS/smtp.log" >&2; exit 1; }
}

# Extra arguments go to the server (see tests/support/owm-server --help).
start_owm() {
  local port
  port=$(free_port)
  export OWM_BASE_URL=http://127.0.0.1:$port OWM_API_KEY=test-key no_proxy=${no_proxy:+$no_proxy,}127.0.0.1
  /usr/bin/python3 "$parts_source/tests/support/owm-server" --port "$port" --log "$PARTS/owm.log" "$@" >"$PARTS/owm-server.log" 2>&1 &
  PARTS_OWM=$!
  parts_pids+=("$PARTS_OWM")
  wait_until 15 port_open "$port" || { cat "$PARTS/owm-server.log" >&2; exit 1; }
}

# The year of real readings as CSV, or simulated ones of the same shape where it is not there; says which. Prints the path.
readings_csv() {
  # The cities of the real readings, which tests name.
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
