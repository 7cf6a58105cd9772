#!/usr/bin/env bash
# examples/smart-grid/map.sh and dash-serve's map and tables as a person meets them, in headless Chromium. Pictures are kept in build*/screenshots/.
# labels: browser
# builds: release
# tools: dash-serve sensor-sim rec-dedup win-agg pipe-merge
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
need_program jq
need_program chromium
need_program chromedriver
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
shots=$(dirname "$WEIR_BIN")/screenshots
fail() { echo "FAILED: $*"; cat messages; exit 1; }

# The example over two hours; after them a FIFO, so that its page stays live. The thefts on the map are those that smart-grid.sh finds.
sensor-sim --smart-grid --meters 1000 --count 480000 --seed 5 >grid
SOURCE='cat grid' "$WEIR_SOURCE/examples/smart-grid/smart-grid.sh" 2>messages | jq -r .meter | sort >thefts
[ -s thefts ] || fail "nothing was found"
mkfifo feed
exec 9<>feed
port=$(free_port)
printf 'awk -f "%s/examples/smart-grid/places.awk"; exec cat feed\n' "$WEIR_SOURCE" >places
run_group "SOURCE='cat grid' PLACES='sh places' $WEIR_SOURCE/examples/smart-grid/map.sh --listen 127.0.0.1:$port \
  --table 'Attempts=time,id,channel,state,attempt,answer?' 2>messages 9>&-"
wait_until 30 port_open "$port"
all_there() { curl -s "http://127.0.0.1:$port/metrics" | grep -qx "dash_alerts_firing $(wc -l <thefts)"; }
wait_until 60 all_there
raised() { curl -s "http://127.0.0.1:$port/api/snapshot" | jq -r 'select(.rule == "theft") | .meter' | sort; }
cmp thefts <(raised) || fail "the alerts on the page are not those of smart-grid.sh"
curl -s "http://127.0.0.1:$port/api/map" | jq -e '(.features | length) == 1000 and all(.features[]; .geometry.coordinates | (.[0] > 10 and .[0] < 10.5 and .[1] > 51 and .[1] < 52))' >places.ok ||
  fail "the places"
echo "the example: 1000 meters and $(wc -l <thefts) suspected thefts on the page"
timeout 800 /usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-map-browser" feed "$port" "$shots" 9>&-
exec 9>&-
stop_groups
grep -q 'lat 91 is beyond ±90 degrees: it is not on the map' messages || fail "wrong coordinates are not named"
# Not those of the first records, which may be rows of windows alone.
! grep 'no record has' messages | grep -v ' so far ' || fail "a field is missed"

# A hundred thousand points: what a page is sent is bounded, and it goes on answering.
awk 'BEGIN { for (i = 1; i <= 120000; i++) printf "{\"id\":\"k%d\",\"lat\":%.4f,\"lon\":%.4f,\"v\":%d}\n", i, (i * 7919 % 100003) / 100003 * 10 + 45, (i * 6007 % 100019) / 100019 * 15 + 5, i % 97 }' >many
dash-serve --by id --map lat,lon --map-value v --max-keys 150000 --listen 127.0.0.1:0 many 2>many.err &
parts_pids+=("$!")
wait_until 60 grep -q 'stays up' many.err
at=http://127.0.0.1:$(grep -o '[0-9]*/$' many.err)
curl -s "${at}api/map" >map.json
curl -s "${at}api/snapshot" >snapshot
jq -e '(.features | length) == 100000 and .left_out.points == 20000 and .features[0].properties.key == "k120000"' map.json >places.ok || fail "the bound of points"
[ "$(wc -l <snapshot)" -le 20001 ] || fail "the bound of keys"
echo "120,000 keys: 100,000 points in $(($(wc -c <map.json) / 1000)) kB, $(($(wc -l <snapshot) - 1)) records; the rest is reported"
timeout 900 /usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-map-crowd" "$at" "$(grep -o '[0-9]*/$' many.err | tr -d /)" "$shots"
echo "pictures: $shots"
