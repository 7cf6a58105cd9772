#!/usr/bin/env bash
# owm-poll against a stand-in for the weather providers that serves real-shaped replies and every error: refusals, floods, slowness,
# broken, endless and foreign answers. Its log of requests tells what was asked, when, and how much side by side.
# labels: owm
# tools: owm-poll
# timeout: 300
set -euo pipefail
export LC_ALL=C.UTF-8
source "$WEIR_SOURCE/tests/support/begin.sh"
unset CITIES
key=k3y-0123456789abcdef
: >all-errors

# serve [option…]: a fresh stand-in with an empty log.
serve() {
  if [ -n "${PARTS_OWM:-}" ]; then
    kill "$PARTS_OWM"
    wait "$PARTS_OWM" 2>/dev/null || true
  fi
  rm -f owm.log
  start_owm --dt 1661870592 --key "$key" "$@"
  export OWM_API_KEY=$key
}
# poll EXPECTED-EXIT option…: into out and err; whatever it says is kept, to be searched for the key in the end.
poll() {
  local expected=$1 status=0
  shift
  timeout 900 owm-poll "$@" >out 2>err || status=$?
  cat err >>all-errors
  [ "$status" = "$expected" ] || fail "owm-poll $*: exit $status, expected $expected"
}
# begin option…: a long run in the background, its process in $poller.
begin() {
  : >out  # here, not in the background: what the last run wrote must not be taken for what this one writes
  : >err
  owm-poll "$@" >out 2>err &
  poller=$!
  parts_pids+=("$poller")
}
fail() {
  echo "FAILED: $*"
  head -50 out err owm.log owm-server.log
  exit 1
}
has() { grep -qF -- "$2" "$1" || fail "no '$2' in $1"; }
asked() { jq -s --arg city "$1" 'map(select(.city == $city)) | length' owm.log; }
is() { [ "$1" = "$2" ] || fail "$3: got '$1', expected '$2'"; }
lines_of() { wc -l <"$1"; }
at_least() { [ "$(lines_of "$1")" -ge "$2" ]; }

# --- The record is the reply's values, digit for digit; requests run side by side, no more than allowed.
cities=()
for i in $(seq 1 24); do cities+=(--city "Town $i"); done
serve --do '*=sleep:0.5'
poll 0 --once --connections 6 "${cities[@]}"
is "$(lines_of out)" 24 "records"
is "$(lines_of owm.log)" 24 "requests"
most=$(jq -s 'map(.in_flight) | max' owm.log)
[ "$most" -ge 2 ] && [ "$most" -le 6 ] || fail "$most requests at one time"
serve
for i in $(seq 1 24); do
  curl -fsS -G --noproxy '*' --data-urlencode "q=Town $i" -d units=metric -d "appid=$key" "$OWM_BASE_URL/data/2.5/weather" |
    jq -c '{timestamp: (.dt | todate), city: .name, temperature_c: .main.temp, humidity: .main.humidity, pressure: .main.pressure,
            wind_speed: .wind.speed, weather: .weather[0].description}'
done | sort >expected
sort out | cmp - expected || fail "records differ from what jq makes of the replies"
echo "24 cities: records equal to jq's view of the replies; at most $most requests side by side"

# --- Every error at once, each city with its own; the good ones arrive, each bad one is named, and the run ends with 1.
serve --do Gone=404 --do Forbidden=403 --do Bad=400 --do Html=html --do Shape=shape --do Empty=empty --do Null=null --do Shorter=shorter --do Huge=huge \
  --do Head=head --do Loop=loop --do File=redirect:file:///etc/passwd --do Ftp=redirect:ftp://127.0.0.1/ --do Down=500 --do Slow=sleep:30 --do Drip=drip \
  --do Garbage=garbage --do Cut=cut --do Longer=longer --do Reset=reset \
  --do Back1=500,502,ok --do Back2=503,ok --do Back3=cut,reset,ok --do Back4=sleep:30,ok --do Moved=redirect,ok --do Pretty=pretty
bad=(Gone Forbidden Bad Garbage Html Shape Empty Null Shorter Huge Head Loop File Ftp Down Slow Drip Cut Longer Reset)
good=(Athens Back1 Back2 Back3 Back4 Moved Oslo Pretty)
all=()
for city in "${bad[@]}" "${good[@]}"; do all+=(--city "$city"); done
poll 1 --once --timeout 5s --retries 2 --retry-wait 50ms --connections 30 "${all[@]}"
is "$(jq -r .city out | sort | tr '\n' ' ')" "$(printf '%s\n' "${good[@]}" | sort | tr '\n' ' ')" "cities that arrived"
for city in "${bad[@]}"; do is "$(grep -v 'trying again' err | grep -c "^owm-poll: $city: ")" 1 "messages that give $city up"; done
for city in Gone Forbidden Bad Garbage Html Shape Empty Null Shorter Huge Head File Ftp; do is "$(asked $city)" 1 "requests for $city, which it is of no use to repeat"; done
for city in Down Slow Drip Cut Longer Reset Back1 Back3; do is "$(asked $city)" 3 "requests for $city"; done
for city in Back2 Back4 Moved; do is "$(asked $city)" 2 "requests for $city"; done
is "$(asked Loop)" 4 "requests for Loop: three redirects are followed"
has err "owm-poll: Gone: status 404: city not found"
has err "owm-poll: Down: status 500: error 500; given up after 3 tries"
has err "owm-poll: Slow: no whole answer within 5s; given up after 3 tries"
has err "owm-poll: Drip: no whole answer within 5s; given up after 3 tries"
has err "owm-poll: Cut: the connection broke off in the middle of the answer; given up after 3 tries"
has err "owm-poll: Huge: the answer is longer than 4194304 bytes"
has err "owm-poll: Head: the head of the answer is longer than 65536 bytes"
has err "owm-poll: File: a redirect that is not followed"
has err "owm-poll: Loop: a redirect that is not followed: more than 3 of them"
if grep -q root: out err; then fail "a file was read through a redirect"; fi
echo "${#bad[@]} kinds of error named, ${#good[@]} cities arrived beside them"

# --- A redirect to another host is not followed: the key would go with it.
serve --do "Away=redirect:http://localhost:9/elsewhere"
poll 1 --once --city Away
is "$(lines_of owm.log)" 1 "requests where the answer leads to another host"
has err "owm-poll: Away: a redirect that is not followed: it leads to another server, localhost port"

# --- Open-Meteo: the same, with a look-up before, and cities that share requests.
serve --do geo:Gone=404 --do geo:Odd=shape --do geo:Later=503,ok --do Ill=400 --do Half=cut,ok
poll 1 --once --provider open-meteo --retry-wait 50ms --city Gone --city Odd --city Later --city Athens --city Half --city Ill --city 'Home@44.3463,10.9906'
is "$(jq -r .city out | sort | tr '\n' ' ')" "Athens Half Home Later " "cities that arrived from open-meteo"
has err "owm-poll: Gone: looking up its coordinates: no such place"
has err "owm-poll: Ill: status 400: error 400"
if grep -q "appid" owm.log; then fail "a key was sent to open-meteo"; fi

# --- 401 ends it with 1, at once, whatever else is on its way.
serve --do Athens=401 --do Slow=sleep:30
poll 1 --every 1h --connections 2 --city Slow --city Athens --city Oslo --city Rome
has err "check OWM_API_KEY"
is "$(asked Oslo)" 0 "requests after the refusal"

# --- Retry-After, in seconds and as a date: until then nobody is asked; without one the pause begins longer.
serve --do Athens=429:2,ok --do Oslo=503:2,ok
poll 0 --once --connections 1 --retry-wait 20ms --city Athens --city Oslo --city Rome
gaps=$(jq -s '[range(1; length) as $i | select(.[$i - 1].what | test(":")) | .[$i].t - .[$i - 1].t]' owm.log)
jq -e 'length == 2 and all(. >= 1.99)' <<<"$gaps" >/dev/null || fail "Retry-After was not kept: $gaps"
echo "Retry-After: 2 was kept with pauses of $(jq -c . <<<"$gaps") s"
serve --do Athens=429:date:3,ok
poll 0 --once --retry-wait 20ms --city Athens
jq -s -e '.[1].t - .[0].t >= 1.9' owm.log >/dev/null || fail "Retry-After as a date was not kept"
serve --do Athens=429,ok
poll 0 --once --retry-wait 20ms --city Athens
jq -s -e '.[1].t - .[0].t >= 0.15' owm.log >/dev/null || fail "429 was repeated too soon"
serve --do '*=429:7200'
poll 1 --once --connections 1 --city Athens --city Oslo
is "$(lines_of owm.log)" 1 "requests where two hours are asked for"
has err "longer than --max-wait 10m"

# --- Back-off doubles.
serve --do Athens=503
poll 1 --once --retries 4 --retry-wait 100ms --city Athens
jq -s -e '[range(1; length) as $i | .[$i].t - .[$i - 1].t] | length == 4 and .[0] >= 0.05 and .[1] >= 0.1 and .[2] >= 0.2 and .[3] >= 0.4' owm.log >/dev/null ||
  fail "the pauses do not double"
echo "back-off: $(jq -s -c '[range(1; length) as $i | (.[$i].t - .[$i - 1].t) * 1000 | floor]' owm.log) ms from 100 ms"

# --- Nobody there at all.
kept=$OWM_BASE_URL
OWM_BASE_URL=http://127.0.0.1:$(free_port) poll 1 --once --retries 1 --retry-wait 10ms --city Athens
has err "cannot connect to 127.0.0.1 port "
OWM_BASE_URL=$kept

# --- A body without end does not fill the memory.
memory() { /usr/bin/python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"; }
serve --do Huge=huge
plain=$(memory owm-poll --once --city Athens)
huge=$(memory owm-poll --once --city Huge)
[ $((huge - plain)) -lt 65536 ] || fail "memory grew from $plain to $huge KiB"
echo "an endless body: $huge KiB at most, a plain one $plain KiB"

# --- Rounds for life: a reading is sent once however often it is asked for; a new one is sent; SIGTERM ends it with 0.
serve
begin --every 1s --city Athens
wait_until 30 at_least owm.log 4
is "$(lines_of out)" 1 "records of one reading asked for four times"
tr '\0' '\n' <"/proc/$poller/cmdline" >cmdline
kill -TERM $poller
wait $poller || fail "SIGTERM did not end it with 0"
cat err cmdline >>all-errors
serve --step 600
begin --every 1s --city Athens --city Oslo
three_each() { [ "$(jq -r .city out | sort | uniq -c | awk '$1 >= 3' | wc -l)" = 2 ]; }
wait_until 30 three_each
kill -TERM $poller
wait $poller || fail "SIGTERM did not end it with 0"
is "$(sort out | uniq -d | wc -l)" 0 "records sent twice"
for city in Athens Oslo; do is "$(jq -r "select(.city == \"$city\").timestamp" out | sed -n 1,3p | sort -u | wc -l)" 3 "readings of $city"; done
serve
begin --every 1s --repeat --city Athens
wait_until 30 at_least out 3
kill -TERM $poller
wait $poller || fail "SIGTERM did not end it with 0"

# --- One slow city holds no other up.
serve --step 600 --do Slow=sleep:60
begin --every 1s --timeout 5m --city Slow --city Athens
wait_until 30 at_least out 4
is "$(asked Slow)" 1 "requests for a city that is still being waited for"
kill -TERM $poller
wait $poller || fail "SIGTERM did not end it with 0 while a request hung"

# --- The rate limit.
serve
begin --once --rate-limit 3 --city A --city B --city C --city D --city E
wait_until 30 grep -q "the rate limit of 3 calls a minute is reached" err
wait_until 30 at_least out 3
is "$(lines_of owm.log)" 3 "requests under a limit of 3 a minute"
kill -TERM $poller
wait $poller || fail "SIGTERM did not end it with 0 while it waited for the rate limit"

# --- The reader goes: it ends, quietly, though nothing is to be written for an hour.
timeout 300 owm-poll --every 1h --city Athens 2>err | true
is "$(cat err)" "" "words after the reader has gone"
status=0
owm-poll --once --city Athens >/dev/full 2>err || status=$?
is $status 1 "exit status on a full device"

# --- Two days of history, in the order of time, and nothing of the future; the values are the reply's.
serve_now() { if [ -n "${PARTS_OWM:-}" ]; then kill "$PARTS_OWM"; wait "$PARTS_OWM" 2>/dev/null || true; fi; rm -f owm.log; start_owm; }
serve_now
began=$(date +%s)
poll 0 --once --provider open-meteo --past 2d --city Athens --city Oslo --city 'Home@44.34,10.99'
now=$(date +%s)
hours=$(jq -r 'select(.timestamp | test(":00:00Z")) | .timestamp' out | sort | uniq -c | awk '$1 == 3' | wc -l)
if [ "$hours" -lt 47 ] || [ "$hours" -gt 49 ]; then fail "$hours hours of history for each of three cities, expected 48"; fi
jq -s -e --argjson began "$began" --argjson now "$now" 'map(.timestamp | fromdate) | (. == sort) and all(. <= $now) and all(. > $began - 2 * 86400 - 60)' out >/dev/null ||
  fail "the history is not in the order of time, or from the wrong days"
is "$(jq -r '.city + .timestamp' out | sort | uniq -d | wc -l)" 0 "readings sent twice"
curl -fsS -g --noproxy '*' "$OWM_BASE_URL/v1/forecast?latitude=59.9133&longitude=10.739&hourly=temperature_2m,wind_speed_10m&past_days=2&forecast_days=1" |
  jq -c '[.hourly.time, .hourly.temperature_2m, .hourly.wind_speed_10m] | transpose[] | [(.[0] | todate), .[1], .[2]]' | sort >expected
jq -c 'select(.city == "Oslo" and (.timestamp | test(":00:00Z"))) | [.timestamp, .temperature_c, .wind_speed]' out | sort >got
is "$(comm -23 got expected | wc -l)" 0 "hours of Oslo that are not the reply's"
echo "history: $hours hours of three cities, in the order of time"

# --- Looked-up places survive in the cache, also when two runs write it at once.
serve
owm-poll --once --geocode --cache places --city Athens --city Oslo >/dev/null &
first=$!
owm-poll --once --geocode --cache places --city Rome --city Paris >/dev/null
wait $first
is "$(jq -r .name places | sort | tr '\n' ' ')" "Athens Oslo Paris Rome " "places in the cache"
looked_up=$(jq -s 'map(select(.path == "/geo/1.0/direct")) | length' owm.log)
CITIES='Athens, Oslo,Rome,Paris,Home@44.34,10.99' poll 0 --once --geocode --cache places
is "$(lines_of out)" 5 "records of the cities in CITIES"
is "$(jq -s 'map(select(.path == "/geo/1.0/direct")) | length' owm.log)" "$looked_up" "look-ups after the second run"

# --- TLS is verified.
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 2>/dev/null
serve --tls tls.pem tls.key
OWM_BASE_URL=${OWM_BASE_URL/http:/https:}
poll 1 --once --retries 0 --city Athens
has err "no trusted connection to 127.0.0.1"
[ ! -s owm.log ] || fail "a request went to a server that is not trusted"
poll 0 --once --cafile tls.pem --city Athens
is "$(lines_of out)" 1 "records over TLS"
OWM_BASE_URL=${OWM_BASE_URL/127.0.0.1/localhost} poll 1 --once --retries 0 --cafile tls.pem --city Athens
has err "no trusted connection to localhost"

# --- The key was in no message and on no command line.
[ -s cmdline ] || fail "no command line was read"
has cmdline owm-poll
if grep -F "$key" all-errors; then fail "the key stands in a message or on the command line"; fi
echo "the key is in none of $(lines_of all-errors) lines of messages and command lines"
