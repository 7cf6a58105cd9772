# Alertmanager, as Debian has it. It sends each alert at once, and again every second while it fires, to ALERTMANAGER_HOOK. Sets
# ALERTMANAGER_URL; the log is $PARTS/alertmanager/log.
# packages: prometheus-alertmanager
# shellcheck shell=bash disable=SC2154

start_alertmanager() {
  need_program prometheus-alertmanager
  local port
  port=$(free_port)
  export ALERTMANAGER_URL=http://127.0.0.1:$port
  mkdir -p "$PARTS/alertmanager"
  cat >"$PARTS/alertmanager/config.yml" <<CONF
route:
  receiver: hook
  group_by: ['...']
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
receivers:
- name: hook
  webhook_configs:
  - url: ${ALERTMANAGER_HOOK:-http://127.0.0.1:9/}
    send_resolved: true
CONF
  serve_process "$PARTS/alertmanager/log" "$port" prometheus-alertmanager --config.file="$PARTS/alertmanager/config.yml" \
    --storage.path="$PARTS/alertmanager/data" --web.listen-address="127.0.0.1:$port" --cluster.listen-address=
  PARTS_ALERTMANAGER=$served
}

stop_alertmanager() { end_process "$PARTS_ALERTMANAGER"; }
