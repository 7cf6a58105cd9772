# An MQTT broker. Sets MQTT_HOST and MQTT_PORT, which the tools read; the log is $PARTS/mosquitto/log.
# packages: mosquitto mosquitto-clients
# shellcheck shell=bash disable=SC2154

# Arguments are lines of the broker's configuration. Queues have no limit, so that QoS 1 loses nothing.
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

# Runs the broker with the configuration in $PARTS/mosquitto, and waits until it is ready.
run_mosquitto() {
  serve_process "$PARTS/mosquitto/log" "$MQTT_PORT" env PATH="$PATH:/usr/sbin" mosquitto -c "$PARTS/mosquitto/mosquitto.conf"
  PARTS_MOSQUITTO=$served
}

stop_mosquitto() { end_process "$PARTS_MOSQUITTO"; }

# Stops the broker and starts it again on the same port.
restart_mosquitto() {
  stop_mosquitto
  run_mosquitto
}
