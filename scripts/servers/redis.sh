# A Redis server that loses nothing when it is killed. Sets REDIS_HOST and REDIS_PORT, which the tools read; the log is $PARTS/redis-PORT/log.
# packages: redis-server redis-tools
# shellcheck shell=bash disable=SC2154

PARTS_REDIS_READY='Ready to accept connections'

# Arguments are options of the server, such as --requirepass secret.
start_redis() {
  need_program redis-server
  export REDIS_HOST=127.0.0.1 REDIS_PORT
  REDIS_PORT=$(free_port)
  PARTS_REDIS_OPTIONS=("$@")
  mkdir -p "$PARTS/redis-$REDIS_PORT"
  run_redis
}

run_redis() {
  local folder=$PARTS/redis-$REDIS_PORT
  # A log that a kill has cut within a transaction: the server itself would keep half of it.
  local log=$folder/appendonlydir/appendonly.aof.manifest
  [ ! -e "$log" ] || redis-check-aof --fix "$log" <<<y >>"$folder/log"
  local starts
  starts=$(grep -c "$PARTS_REDIS_READY" "$folder/log" 2>/dev/null || true)
  serve_process "$folder/log" "$REDIS_PORT" redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --dir "$folder" \
    --appendonly yes --aof-load-truncated no --appendfsync always --save '' --repl-diskless-sync-delay 0 "${PARTS_REDIS_OPTIONS[@]}"
  PARTS_REDIS=$served
  # The port is open while what is on the disk is read, and every command is refused.
  wait_until 30 redis_ready "$folder/log" "${starts:-0}" || { cat "$folder/log" >&2; exit 1; }
}
redis_ready() { [ "$(grep -c "$PARTS_REDIS_READY" "$1")" -gt "$2" ]; }

# stop_redis [SIGNAL]
stop_redis() { end_process "$PARTS_REDIS" "$@"; }

# Stops the server by the signal (TERM without one) and starts it again on the same port, with what it has on the disk.
restart_redis() {
  stop_redis "$@"
  run_redis
}

# redis-cli to this server.
ask_redis() { redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" "$@"; }
