# S3: versitygw 1.8.0, whose objects are files of a folder. Sets AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; the bucket
# lake is $PARTS/s3/data/lake, the log $PARTS/s3/log. It is compiled by Go, once, which takes some minutes: the only server here that
# needs a compiler which Debian 12 lacks, so its tests are left out by name where there is none (`# programs: go` in their heads).
# packages: curl
# shellcheck shell=bash disable=SC2154

S3_HOME=${WEIR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}/versitygw-1.8.0

# Compiles the server where it is not there yet.
fetch_s3() {
  [ ! -e "$S3_HOME/complete" ] || return 0
  local go
  go=$(command -v go || echo /usr/local/go/bin/go)
  [ -x "$go" ] || { echo "s3: go is not installed; it takes 1.25, or one from 1.21 that fetches it" >&2; exit 1; }
  mkdir -p "$S3_HOME"
  (
    flock 9
    [ ! -e "$S3_HOME/complete" ] || exit 0
    echo "s3: the server is compiled in $S3_HOME" >&2
    GOBIN=$S3_HOME GOFLAGS=-p=2 "$go" install github.com/versity/versitygw/cmd/versitygw@v1.8.0 >"$S3_HOME/log" 2>&1 ||
      { tail -n 40 "$S3_HOME/log" >&2; echo "s3: the server could not be compiled" >&2; exit 1; }
    touch "$S3_HOME/complete"
  ) 9>"$S3_HOME/lock" || exit 1
}

start_s3() {
  fetch_s3
  mkdir -p "$PARTS/s3/data/lake"
  S3_PORT=$(free_port)
  export AWS_ENDPOINT_URL=http://127.0.0.1:$S3_PORT AWS_ACCESS_KEY_ID=weir-tests AWS_SECRET_ACCESS_KEY='a/secret+of the tests'
  run_s3
}

# Starts it on its port, with the objects that it has.
run_s3() {
  ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY serve_process "$PARTS/s3/log" "$S3_PORT" \
    "$S3_HOME/versitygw" --port "127.0.0.1:$S3_PORT" posix "$PARTS/s3/data"
  PARTS_S3=$served
}

stop_s3() { end_process "$PARTS_S3"; }
kill_s3() {
  kill -9 "$PARTS_S3" 2>/dev/null || true
  wait "$PARTS_S3" 2>/dev/null || true
}
