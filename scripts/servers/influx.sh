# InfluxDB 1.6, as Debian has it, with the databases weather and water. Sets INFLUX_URL, which the tools read; the log is $PARTS/influx/log.
# packages: influxdb
# shellcheck shell=bash disable=SC2154

start_influx() {
  need_program influxd
  local port
  port=$(free_port)
  export INFLUX_URL=http://127.0.0.1:$port
  PARTS_INFLUX_PORT=$port
  mkdir -p "$PARTS/influx"
  cat >"$PARTS/influx/influxdb.conf" <<CONF
reporting-disabled = true
bind-address = "127.0.0.1:$(free_port)"
[meta]
dir = "$PARTS/influx/meta"
[data]
dir = "$PARTS/influx/data"
wal-dir = "$PARTS/influx/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:$port"
log-enabled = false
CONF
  run_influx
  ask_influx 'create database weather' >"$PARTS/influx/created"
  ask_influx 'create database water' >>"$PARTS/influx/created"
}

run_influx() {
  serve_process "$PARTS/influx/log" "$PARTS_INFLUX_PORT" influxd -config "$PARTS/influx/influxdb.conf"
  PARTS_INFLUX=$served
}

# stop_influx [SIGNAL]
stop_influx() { end_process "$PARTS_INFLUX" "$@"; }

# Stops the server by the signal (TERM without one) and starts it again on the same port, with what it has on the disk.
restart_influx() {
  stop_influx "$@"
  run_influx
}

# ask_influx QUERY [DATABASE]: the answer as JSON, times as numbers.
ask_influx() { curl -sS --fail-with-body -G "$INFLUX_URL/query" --data-urlencode "q=$1" --data-urlencode "db=${2:-}" --data-urlencode epoch=ns -X POST; }
