#!/usr/bin/env bash
# examples/weather: the shell script, the Makefile and the crontab lines run on real parts; the units are what systemd takes; the table
# of schema.sql is the one that pg-load makes.
# labels: mqtt pg smtp
# tools: sensor-sim owm-poll csv-append csv-tail mqtt-pub mqtt-sub thresh-alert polyfit-predict weather-advise pg-load summary-mail dash-serve
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/scripts/parts.sh"
export PATH=$WEIR_BIN:$PATH
example=$WEIR_SOURCE/examples/weather
parts_begin
start_mosquitto
start_postgres
start_smtp
start_owm
export SMTP_FROM=weather@example.org
export WEATHER_DIR=$PARTS/data
mkdir "$WEATHER_DIR"
cd "$WEATHER_DIR"
cp "$example/subscribers.csv" .

# The live part: readings through the staging file and the broker to an alert at a subscriber.
mosquitto_sub -h "$MQTT_HOST" -p "$MQTT_PORT" -t weather/alerts -C 1 -W 600 >alert.json &
subscriber=$!
PAGE=http://127.0.0.1:$(free_port)
export PAGE no_proxy=127.0.0.1
RULE='temperature_c > -100' SOURCE='sensor-sim --weather --city Athens --city Berlin --seed 1 --realtime --every 1s' setsid "$example/weather.sh" all &
live=$!
parts_groups+=("$live")
wait $subscriber
jq -e '.state == "firing" and .city != null' alert.json >/dev/null
# The page has all three kinds of records; who subscribes there is greeted, and the link in the mail is one that the page takes.
has_all() { curl -s "$PAGE/api/snapshot" | jq -es 'any(.rule) and any(.prediction) and any(.temperature_c and .city == "Athens")' >/dev/null; }
wait_until 60 has_all
curl -fsS -H "Origin: $PAGE" -d 'email=eve@example.org&city=Athens' "$PAGE/subscribe" >/dev/null
link_in() {
  wait_until 60 test -e "$1"
  /usr/bin/python3 -c 'import email, email.policy, re, sys
print(re.search(r"http://\S*(?:token|request)=\S*", email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default).get_body(("plain",)).get_content())[0])' "$1"
}
curl -fsS -o /dev/null -X POST "$(link_in "$PARTS/mails/0001.eml")"
grep -q '^eve@example.org,Athens' subscribers.csv
curl -fsS -o /dev/null -X POST "$(link_in "$PARTS/mails/0002.eml")"
cmp subscribers.csv "$example/subscribers.csv"
rm "$PARTS/mails/"*.eml
echo "page: readings, predictions and alerts; a subscriber confirmed and greeted, and gone by the link in the mail"
stop_groups
echo "live: $(wc -l <readings.csv) lines staged, alert $(jq -c '{city, value}' alert.json)"

# The batch part by Make, on the simulated readings so far and two days of history.
sensor-sim --weather --city Athens --city Berlin --seed 2 --start "$(date -u -d '2 days ago' +%Y-%m-%dT%H:00:00Z)" --every 1h --count 94 | csv-append history.csv
csv-tail history.csv >history.ndjson
rm readings.csv
csv-append readings.csv <history.ndjson
make -s -f "$example/Makefile"
[ "$(psql -tAc 'SELECT count(*) FROM weather_readings')" = 94 ]
/usr/bin/python3 - >expected <<'PYTHON'
import csv
from decimal import Decimal
cities = {}
for row in csv.DictReader(open("history.csv")):
    cities.setdefault(row["city"], []).append((row["timestamp"], Decimal(row["temperature_c"]), Decimal(row["humidity"])))
for city, rows in sorted(cities.items()):
    print(city, len(rows), max(rows)[0], *(f"{sum(column):.4f}" for column in list(zip(*rows))[1:]), sep="|")
PYTHON
psql -qAt -c "SELECT city, count(*), to_char(max(timestamp), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), round(sum(temperature_c)::numeric, 4), round(sum(humidity)::numeric, 4)
  FROM weather_readings GROUP BY 1 ORDER BY 1" | diff expected -
[ "$(wc -l <predictions.ndjson)" = 4 ]
[ "$(find "$PARTS/mails" -name '*.eml' | wc -l)" = 2 ]
make -s -f "$example/Makefile" | grep . && { echo "make did something where nothing was new"; exit 1; }
echo "make: 94 rows, 4 predictions, 2 mails; a second make does nothing"

# Each line of the crontab, as cron would run it.
export CITIES=Athens,Berlin  # start_owm has set OWM_API_KEY
grep -E '^[*0-9]' "$example/crontab" | sed -E 's/^([^ ]+ +){5}//' | while IFS= read -r line; do
  bash -o pipefail -c "$line" || { echo "this line of the crontab failed: $line"; exit 1; }
done
[ "$(find "$PARTS/mails" -name '*.eml' | wc -l)" -le 4 ]
echo "crontab: every line runs"

# The same for the commands of the units; then the units themselves.
for unit in load predict mail; do
  command=$(sed -n "s/^ExecStart=.* -c '\(.*\)'\$/\1/p" "$example/systemd/weir-weather-$unit.service")
  bash -o pipefail -c "$command"
done
if grep -hE '^(Exec|User)' "$example"/systemd/*.service | grep -vE '^(ExecStart=/bin/bash -o pipefail -c|User=weir)'; then echo "an odd line in a unit"; exit 1; fi
mkdir units
cp "$example"/systemd/* units/
systemd-analyze verify --man=no units/*.service units/*.timer 2>verify.log || true
if grep -E "weir-weather" verify.log; then echo "systemd does not like a unit"; exit 1; fi
echo "systemd: $(find units -type f | wc -l) units verified"

# schema.sql makes the table that pg-load makes.
columns() { psql -tAc "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'weather_readings' ORDER BY 1"; }
indexes() { psql -tAc "SELECT regexp_replace(indexdef, 'INDEX [^ ]+ ', 'INDEX ') FROM pg_indexes WHERE tablename = 'weather_readings' ORDER BY 1"; }
columns >made.columns
indexes >made.indexes
psql -q -c 'DROP TABLE weather_readings' -f "$example/schema.sql"
columns | diff made.columns -
indexes | diff made.indexes -
csv-tail history.csv | weather-advise | pg-load --table weather_readings --upsert city,timestamp
[ "$(psql -tAc 'SELECT count(*) FROM weather_readings')" = 94 ]
echo "schema.sql: the same table"

# Every tool that the compose file and the Dockerfile name exists, and its options too.
for command in $(grep -oE '\b(owm-poll|sensor-sim|csv-append|csv-tail|mqtt-pub|mqtt-sub|thresh-alert|weather-advise|pg-load|polyfit-predict|summary-mail)\b' "$example/compose.yaml" | sort -u); do
  command -v "$command" >/dev/null || { echo "compose.yaml names $command"; exit 1; }
done
/usr/bin/python3 - "$example/compose.yaml" <<'PYTHON'
import re, subprocess, sys
text = open(sys.argv[1]).read()
for tool in sorted(set(re.findall(r"\b(?:owm-poll|sensor-sim|csv-append|csv-tail|mqtt-pub|mqtt-sub|thresh-alert|weather-advise|pg-load|polyfit-predict|summary-mail)\b", text))):
    known = set(subprocess.run([tool, "--describe", "options"], capture_output=True, text=True, check=True).stdout.split())
    for use in re.findall(rf"\b{tool}\b([^|;\n]*)", text):
        unknown = set(re.findall(r"--[a-z-]+", use)) - known
        if unknown:
            sys.exit(f"compose.yaml: {tool} has no {unknown}")
print("compose.yaml: every option of every tool exists")
PYTHON
