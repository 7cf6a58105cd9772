#!/usr/bin/env bash
# dash-serve's page as a person meets it, in headless Chromium. Pictures are kept in build*/screenshots/.
# labels: smtp browser
# builds: release
# tools: dash-serve summary-mail sensor-sim polyfit-predict thresh-alert
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
need_program chromium
need_program chromedriver
start_smtp
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1 WEIR_UNSUBSCRIBE_SECRET='a secret that nobody knows'
shots=$(dirname "$WEIR_BIN")/screenshots

# Two days of five cities, what is predicted and what was alerted, as the example brings them together.
start=$(date -u -d '49 hours ago' +%Y-%m-%dT%H:00:00Z)
sensor-sim --weather --city Athens --city Berlin --city Lagos --city London --city Mumbai --seed 7 --start "$start" --every 1h --count 240 >readings
thresh-alert --by city --rule 'temperature_c > 28 clear <= 27' readings >alerts
polyfit-predict --by city --field temperature_c,humidity --bounds humidity=0..100 --last 50 --ahead 24h readings >predictions

port=$(free_port)
printf 'email,cities,name,timezone\n' >subscribers.csv
mkfifo feed
exec 9<>feed
serve() {
  dash-serve --title "Weather" --by city --listen "127.0.0.1:$port" --subscribers subscribers.csv \
    --on-subscribe 'summary-mail -q --confirm {email} --link {link}' \
    --on-confirm "summary-mail -q --welcome {email} --subscribers subscribers.csv --unsubscribe 'http://127.0.0.1:$port/unsubscribe?email={{email}}&token={{token}}'" \
    <feed 2>>server.err 9>&- &
  server=$!
  parts_pids+=("$server")
  wait_until 20 port_open "$port"
}
serve
cat readings alerts predictions >&9
timeout 800 /usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-browser" feed "$port" "$shots" 9>&- &
browser=$!
parts_pids+=("$browser")
browser_gone() { ! kill -0 "$browser" 2>/dev/null; }
asked() { [ -e "$1" ] || browser_gone; }
wait_until 60 asked stop
kill -KILL "$server" 2>/dev/null || true
{ wait "$server"; } 2>/dev/null || true
wait_until 60 asked start
serve
wait_until 60 asked end
exec 9>&-
wait "$browser"

# The picture of the README, of readings that are not stale.
start=$(date -u -d '47 hours ago' +%Y-%m-%dT%H:%M:00Z)
sensor-sim --weather --city Athens --city Berlin --city Lagos --city London --city Mumbai --seed 11 --start "$start" --every 1h --count 240 >readings
cat readings <(thresh-alert --by city --rule 'temperature_c > 28 clear <= 27' readings) \
  <(polyfit-predict --by city --field temperature_c,humidity --bounds humidity=0..100 --last 50 --ahead 24h readings) >all
mkfifo fresh
exec 9<>fresh
dash-serve --title Weather --by city --listen 127.0.0.1:0 <fresh 2>address 9>&- &
parts_pids+=("$!")
cat all >&9
wait_until 20 grep -q '://' address
timeout 600 /usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-browser" picture "$(grep -o '[0-9]*/$' address | tr -d /)" "$shots"
echo "pictures: $shots"
