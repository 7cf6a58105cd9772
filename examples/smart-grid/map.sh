#!/usr/bin/env bash
# The map of suspected thefts, as a page:   map.sh [OPTION…]
#
# Every meter is a point where it stands, coloured by the last power it has reported, and a triangle once smart-grid.sh suspects a theft.
# OPTIONs go to dash-serve, such as --listen 127.0.0.1:8081. Ctrl-C ends it.
#
# SOURCE replaces the grid, which is simulated: 1,000 meters, a hundred times faster than the clock. PLACES replaces the command that prints
# where each meter is, {"meter","lat","lon"} a line; OUTLINE is a GeoJSON file that is drawn beneath them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH=${WEIR_BIN:-$here/../../build/bin}:$PATH
source=${SOURCE:-sensor-sim --smart-grid --meters 1000 --speed 100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/readings"
awk -v what=streets -f "$here/places.awk" >"$work/streets.geojson"

places() { ${PLACES:-awk -f "$here/places.awk"}; }
# The page needs no reading of every 15 seconds: the last one of each quarter of an hour.
# shellcheck disable=SC2086 # split at blanks
quarters() { $source | tee "$work/readings" | win-agg --every 15m --closed right --by meter --agg 'last(kw) as kw' --late drop; }
# What looks like a theft becomes an alert, as thresh-alert writes them. It stays raised until somebody has been there.
thefts() {
  SOURCE="cat $work/readings" "$here/smart-grid.sh" | jq -c --unbuffered '{timestamp: .window_end, state: "firing", level: "critical",
    rule: "theft", meter, value: .current, threshold: (.baseline / 2), message: "\(.meter): less than half of its baseline, and connected"}'
}

# A record without lat and lon is shown where its meter was last.
pipe-merge <(places) <(quarters) <(thefts) |
  dash-serve --title "Smart grid" --by meter --field kw --unit kw=kW --map lat,lon --map-value kw --map-label street \
    --map-base "${OUTLINE:-$work/streets.geojson}" "$@"
