#!/usr/bin/env bash
# The weather pipeline, a part a word:   weather.sh poll|bridge|alerts|load|predict|mail|all
#
#   poll     current weather of the cities into the staging file, once a minute, for ever
#   bridge   each new line of the staging file to MQTT
#   alerts   threshold alerts from MQTT, back to MQTT
#   load     the staging file, cleaned and flagged, into PostgreSQL (run it from cron; rows that are there are updated)
#   predict  tomorrow's temperature and humidity of each city, as records
#   page     a live page of readings, predictions and alerts, with a form to subscribe, at PAGE (http://127.0.0.1:8080)
#   mail     the day's summary to the subscribers (run it from cron; nobody gets it twice)
#   all      poll, bridge, alerts and page until Ctrl-C
#
# Settings come from the environment or from .env beside the data: OWM_API_KEY, CITIES, MQTT_HOST, MQTT_PORT, PG*, SMTP_*. Data lives in
# WEATHER_DIR, here by default. SOURCE replaces owm-poll, for example SOURCE='sensor-sim --weather --realtime --every 10s'.
set -euo pipefail
cd "${WEATHER_DIR:-.}"
source=${SOURCE:-owm-poll --every 60s}
rule=${RULE:-temperature_c > 35 clear <= 33}
page=${PAGE:-http://127.0.0.1:8080}

poll() {
  # shellcheck disable=SC2086 # words are what is wanted
  $source | csv-append readings.csv
}
bridge() { csv-tail -f readings.csv | mqtt-pub -t weather/readings; }
alerts() { mqtt-sub -t weather/readings | thresh-alert --by city --rule "$rule" | mqtt-pub -t 'weather/alerts'; }
load() { csv-tail readings.csv | weather-advise --max-gap 3h | pg-load --table weather_readings --create --upsert city,timestamp; }
predict() { csv-tail readings.csv | polyfit-predict --by city --field temperature_c,humidity --bounds humidity=0..100 --last 50 --ahead 24h; }
# The link in the mails leads to the page; its token is made from a secret that both know.
secret() { [ -s unsubscribe.secret ] || (umask 077 && head -c 24 /dev/urandom | base64 >unsubscribe.secret); }
leave="$page/unsubscribe?email={email}&token={token}"
mail() {
  secret
  csv-tail readings.csv | summary-mail --subscribers subscribers.csv --sent sent.ndjson --unsubscribe "$leave" --unsubscribe-secret unsubscribe.secret
}
# Three streams into one FIFO, read and written by the page so that it stays open. In the command that greets, braces of its own are doubled.
page() {
  secret
  [ -p feed ] || mkfifo feed
  touch readings.csv
  local link=${leave//\{/\{\{}
  link=${link//\}/\}\}}
  csv-tail -f readings.csv | tee >(thresh-alert -u --by city --rule "$rule" >feed) |
    polyfit-predict -u --by city --field temperature_c,humidity --bounds humidity=0..100 --last 50 --ahead 24h --live --pass >feed &
  dash-serve --title Weather --by city --listen "${page#http://}" --subscribers subscribers.csv --unsubscribe-secret unsubscribe.secret \
    --on-subscribe 'summary-mail -q --confirm {email} --link {link}' \
    --on-confirm "summary-mail -q --welcome {email} --subscribers subscribers.csv --unsubscribe '$link' --unsubscribe-secret unsubscribe.secret" <>feed
}
all() {
  trap 'kill 0' EXIT
  trap 'exit 0' INT TERM
  poll &
  bridge &
  alerts &
  page &
  wait
}

case "${1:-}" in
  poll | bridge | alerts | load | predict | page | mail | all) "$1" ;;
  *) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
