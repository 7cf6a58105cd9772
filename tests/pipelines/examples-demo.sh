#!/usr/bin/env bash
# examples/demo: a slider of the page starts the pipe again with its value, and the page goes on.
# tools: dash-serve sensor-sim win-agg thresh-alert
# timeout: 300
set -euo pipefail
# shellcheck source=scripts/parts.sh
source "$WEIR_SOURCE/scripts/parts.sh"
parts_begin
export PATH=$WEIR_BIN:$PATH no_proxy=127.0.0.1 NO_PROXY=127.0.0.1 DEMO_DIR=$PARTS/demo
mkdir "$DEMO_DIR"
port=$(free_port)
at=http://127.0.0.1:$port
"$WEIR_SOURCE/examples/demo/demo.sh" "$port" 2>"$PARTS/err" &
demo=$!
parts_pids+=("$demo")

snapshot() { curl -fsS "$at/api/snapshot" >"$PARTS/snapshot" && jq -es "$1" "$PARTS/snapshot" >/dev/null; }
turn() { curl -fsS -H "Origin: $at" -d "name=$1&value=$2" "$at/control"; }
wait_until 30 port_open "$port"
wait_until 60 snapshot 'any(.events) and (map(select(.events)) | all(.mean != null))'
[ "$(turn window 1)" = 1 ]
wait_until 60 snapshot 'map(select(.events and (.window_end[0:19] + "Z" | fromdate) - (.window_start[0:19] + "Z" | fromdate) == 1)) | length > 4'
[ "$(turn rate 400)" = 400 ]
wait_until 60 snapshot 'map(select(.events)) | last(.[]).events >= 50'
[ "$(turn threshold 10)" = 10 ]
wait_until 60 snapshot 'any(.state == "firing" and .threshold == 10)'
snapshot '.[0].controls | map({(.name): .value}) | add == {rate: 400, window: 1, threshold: 10}'
[ "$(curl -s -o "$PARTS/body" -w '%{http_code}' -d 'name=rate&value=8' "$at/control")" = 403 ]
[ "$(curl -s -o "$PARTS/body" -w '%{http_code}' -H "Origin: $at" -d 'name=rate&value=1;ls' "$at/control")" = 400 ]
echo "window, rate and threshold turned: $(jq -s 'map(select(.events)) | length' "$PARTS/snapshot") windows on the page, the first ones among them"
kill -TERM "$demo"
wait "$demo" || true
none_left() { ! pgrep -f "$at|demo.sh $port" && ! port_open "$port"; }
wait_until 20 none_left
[ "$(grep -vc '://\|input has ended' "$PARTS/err")" = 0 ] || { cat "$PARTS/err"; exit 1; }
