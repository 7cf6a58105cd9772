# A stand-in for the weather providers. Sets OWM_BASE_URL and OWM_API_KEY; its requests are logged in $PARTS/owm.log.
# packages: python3
# shellcheck shell=bash disable=SC2154

# Arguments go to the server (tests/support/owm-server --help).
start_owm() {
  local port
  port=$(free_port)
  export OWM_BASE_URL=http://127.0.0.1:$port OWM_API_KEY=test-key no_proxy=${no_proxy:+$no_proxy,}127.0.0.1
  serve_process "$PARTS/owm-server.log" "$port" /usr/bin/python3 "$parts_source/tests/support/owm-server" --port "$port" --log "$PARTS/owm.log" "$@"
  PARTS_OWM=$served
}

stop_owm() { end_process "$PARTS_OWM"; }
