# InfluxDB 2.7.12, with the organisation weir and the bucket plant. Sets INFLUX2_URL and INFLUX2_TOKEN, a token that may do all; the log is
# $PARTS/influx2/log. Debian has no InfluxDB 2, so it is compiled by Go and Cargo, once, which takes ten minutes of a processor: its test is run
# only where it is asked for (`# asked: influx2`).
# packages: curl gcc pkg-config
# shellcheck shell=bash disable=SC2154

INFLUX2_HOME=${WEIR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}/influxd-2.7.12

# Compiles the server where it is not there yet.
fetch_influx2() {
  [ ! -e "$INFLUX2_HOME/complete" ] || return 0
  local go cargo
  go=$(command -v go || echo /usr/local/go/bin/go)
  cargo=$(command -v cargo || echo "$HOME/.cargo/bin/cargo")
  [ -x "$go" ] || { echo "influx2: go is not installed; it takes 1.26, or one from 1.21 that fetches it" >&2; exit 1; }
  [ -x "$cargo" ] || { echo "influx2: cargo is not installed; it takes Rust 1.72 or later" >&2; exit 1; }
  mkdir -p "$INFLUX2_HOME"
  (
    flock 9
    [ ! -e "$INFLUX2_HOME/complete" ] || exit 0
    echo "influx2: the server is compiled in $INFLUX2_HOME, for some ten minutes" >&2
    PATH=$(dirname "$go"):$(dirname "$cargo"):$PATH compile_influx2 >"$INFLUX2_HOME/log" 2>&1 ||
      { tail -n 40 "$INFLUX2_HOME/log" >&2; echo "influx2: the server could not be compiled" >&2; exit 1; }
    touch "$INFLUX2_HOME/complete"
  ) 9>"$INFLUX2_HOME/lock" || exit 1
}

# The server is a module with replacements, which `go install` refuses; so a module of ours requires it. Its library of Flux is of Rust: the
# pkg-config of InfluxData has Cargo build it inside the cache of modules, which is therefore writable and our own, and goes afterwards.
compile_influx2() {
  local module=github.com/influxdata/influxdb/v2/cmd/influxd
  mkdir -p "$INFLUX2_HOME/work" && cd "$INFLUX2_HOME/work" || return 1
  printf 'module weir/influx2\n\ngo 1.26\n' >go.mod
  printf '//go:build tools\n\npackage tools\n\nimport _ "%s"\n' $module >tools.go
  # Lints must not fail a build by a later Rust: Flux denies warnings of all that there will ever be.
  printf '#!/bin/sh\ncase " $* " in *" --cap-lints "*) exec "$@" ;; esac\nexec "$@" --cap-lints warn\n' >rustc-wrapper
  chmod +x rustc-wrapper
  # Flux names a toolchain of its own, which rustup would fetch, were it not told another.
  export RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-stable} RUSTC_WRAPPER=$PWD/rustc-wrapper CARGO_BUILD_JOBS=2
  export GOFLAGS='-modcacherw -p=2' GOMODCACHE=$PWD/modules GOCACHE=$PWD/cache GOBIN=$PWD
  go get $module@v2.7.12 &&
    go install github.com/influxdata/pkg-config@v0.2.14 &&
    PKG_CONFIG=$PWD/pkg-config go build -ldflags '-s -w' -tags 'sqlite_foreign_keys sqlite_json' -o "$INFLUX2_HOME/influxd" $module &&
    rm -rf "$INFLUX2_HOME/work"
}

start_influx2() {
  fetch_influx2
  mkdir -p "$PARTS/influx2"
  INFLUX2_PORT=$(free_port)
  export INFLUX2_URL=http://127.0.0.1:$INFLUX2_PORT INFLUX2_TOKEN=weir-tests-0123456789
  run_influx2
  curl -sS --fail-with-body "$INFLUX2_URL/api/v2/setup" -o "$PARTS/influx2/setup" --json \
    "{\"username\":\"weir\",\"password\":\"weir-tests\",\"org\":\"weir\",\"bucket\":\"plant\",\"token\":\"$INFLUX2_TOKEN\"}"
}

# Starts it on its port, with what it has on the disk, and waits until it answers as one that is ready.
run_influx2() {
  INFLUXD_REPORTING_DISABLED=true serve_process "$PARTS/influx2/log" "$INFLUX2_PORT" "$INFLUX2_HOME/influxd" \
    --http-bind-address "127.0.0.1:$INFLUX2_PORT" --bolt-path "$PARTS/influx2/bolt" --sqlite-path "$PARTS/influx2/sqlite" \
    --engine-path "$PARTS/influx2/engine" --log-level warn
  PARTS_INFLUX2=$served
  wait_until 30 curl -sf "$INFLUX2_URL/health"
}

# stop_influx2 [SIGNAL]
stop_influx2() { end_process "$PARTS_INFLUX2" "$@"; }

restart_influx2() {
  stop_influx2 "$@"
  run_influx2
}

# ask_influx2 FLUX: the answer as annotated CSV.
ask_influx2() {
  jq -n --arg query "$1" '{query: $query, type: "flux", dialect: {header: true, annotations: ["datatype", "group", "default"]}}' |
    curl -sS --fail-with-body -H "Authorization: Token $INFLUX2_TOKEN" "$INFLUX2_URL/api/v2/query?org=weir" --json @- -H 'Accept: application/csv'
}
