# A stand-in for a model server. Sets ML_URL, below which the model is at /predict and /v2/models/NAME/infer.
# packages: python3
# shellcheck shell=bash disable=SC2154

# Arguments go to the server (tests/support/ml-server --help). Its requests are logged in $PARTS/ml-server.log with --print.
start_ml() {
  local port=${ML_PORT:-$(free_port)}
  export ML_URL=http://127.0.0.1:$port no_proxy=${no_proxy:+$no_proxy,}127.0.0.1
  serve_process "$PARTS/ml-server.log" "$port" /usr/bin/python3 "$parts_source/tests/support/ml-server" --port "$port" "$@"
  PARTS_ML=$served
}

stop_ml() { end_process "$PARTS_ML"; }
