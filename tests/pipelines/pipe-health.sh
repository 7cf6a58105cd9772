#!/usr/bin/env bash
# pipe-health against every server, up, asleep and away; secrets; lag of groups on topics with transactions; canaries; the served pages, which
# promtool reads.
# labels: mqtt kafka pg redis influx smtp
# tools: pipe-health kafka-pub kafka-sub csv-tail csv-append mqtt-sub mqtt-pub pipe-run
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
need_program promtool
cp "$WEIR_SOURCE/examples/data/readings.csv" .
start_mosquitto
start_redis --requirepass geheim
start_postgres
start_influx
start_smtp
start_kafka
begin_broker=${KAFKA_BROKERS%%,*}
closed=$(free_port)

fails() { ! "$@" || { echo "succeeded: $*" >&2; return 1; }; }
status() { jq -r --arg name "$1" 'select(.name == $name).status' found; }
problem() { jq -r --arg name "$1" 'select(.name == $name).problem' found; }
has() { grep -F -- "$2" <<<"$1" >/dev/null || { echo "no '$2' in: $1" >&2; exit 1; }; }

# --- all are well
pipe-run --state state -- 'csv-tail readings.csv | csv-append copy.csv'
checks=(--check "broker=mqtt://127.0.0.1:$MQTT_PORT" --check "kafka=kafka://$begin_broker" --check "cache=redis://127.0.0.1:$REDIS_PORT"
  --check "db=postgres://$PGUSER@127.0.0.1:$PGPORT/postgres" --check "influx=influx://${INFLUX_URL#http://}"
  --check "mail=smtp://127.0.0.1:$SMTP_PORT" --check "pipe=state:state?max-age=1h" --check "page=$INFLUX_URL/ping")
CACHE_PASSWORD=geheim pipe-health "${checks[@]}" --timeout 100s >found
[ "$(jq -r .status found | sort | uniq -c | tr -s ' ')" = " 8 healthy" ] || { cat found; exit 1; }
[ "$(jq -c 'select(.name == "pipe") | [.epoch > 0, .age_s < 3600]' found)" = '[true,true]' ]
echo "eight places: all healthy"

# --- each problem has its place, its reason and what to do; no secret is in it
fails env CACHE_PASSWORD=falsch pipe-health "${checks[@]}" --check "gone=redis://127.0.0.1:$closed" --check "nobody=mqtt://127.0.0.1:$closed" \
  --check "nodb=postgres://$PGUSER@127.0.0.1:$PGPORT/none" --check "nokafka=kafka://127.0.0.1:$closed" --check "nomail=smtp://127.0.0.1:$closed" \
  --check "nopage=http://127.0.0.1:$closed/" --check "no-such-page=$INFLUX_URL/none" --check "nofolder=state:none" \
  --check "old=state:state?max-age=1ns" --check "notopic=kafka://$begin_broker/none" --timeout 30s >found 2>errors
for name in cache gone nobody nodb nokafka nomail nopage no-such-page nofolder old notopic; do
  [ "$(status $name)" = unhealthy ] || { echo "$name: $(status $name)" >&2; exit 1; }
done
for name in broker db mail pipe kafka; do [ "$(status $name)" = healthy ]; done
has "$(problem cache)" "the password in the variable"
has "$(problem gone)" "redis://127.0.0.1:$closed"
has "$(problem gone)" "is the server running, and is this its port?"
has "$(problem nobody)" "is the server running, and is this its port?"
has "$(problem nomail)" "is the server running, and is this its port?"
has "$(problem nopage)" "is the server running, and is this its port?"
has "$(problem nodb)" 'database "none" does not exist'
has "$(problem no-such-page)" "it answers 404"
has "$(problem nofolder)" "there is no such folder"
has "$(problem old)" "more than 1ns"
has "$(problem notopic)" "there is no topic none"
fails grep -F falsch found errors
fails pipe-health --check "cache=redis://x:geheim@127.0.0.1:$REDIS_PORT" >found 2>errors
fails grep -F geheim errors
grep -F CACHE_PASSWORD errors >/dev/null
fails pipe-health --check redis://cache.example.org 2>errors
grep -F 'plain text is not safe' errors >/dev/null
echo "eleven problems, each with its place and no secret"

# --- servers that sleep cost their own check its time, and no other its answer
kill -STOP "$PARTS_REDIS" "$PARTS_MOSQUITTO"
fails env CACHE_PASSWORD=geheim pipe-health "${checks[@]}" --timeout 9s >found
kill -CONT "$PARTS_REDIS" "$PARTS_MOSQUITTO"
has "$(problem cache)" "--timeout"; has "$(problem broker)" "mqtt://127"
[ "$(jq -r 'select(.status == "unhealthy").name' found | sort | tr '\n' ' ')" = "broker cache " ] || { cat found; exit 1; }
echo "two servers asleep: the other six are healthy"

# --- Kafka: a group that has read all is 0 behind, with transactions and without; an unread message has an age
# shellcheck disable=SC2016
group='import sys, confluent_kafka as k
c = k.Consumer({"bootstrap.servers": sys.argv[1], "group.id": "load", "enable.auto.commit": False})
c.commit(offsets=[k.TopicPartition("seen", 0, int(sys.argv[2]))], asynchronous=False)'
kafka_lag() { pipe-health --check "lag=kafka://$begin_broker/seen?group=load${1:-}" --timeout 100s >found; }
pipe-run --state kafka.state -- "csv-tail readings.csv | kafka-pub -b $KAFKA_BROKERS -t seen --create-topic partitions=1"
rows=$(($(wc -l <readings.csv) - 1))
kafka_settled seen
kafka_lag
[ "$(jq .behind found)" -ge "$rows" ]
fails kafka_lag '&max-behind=3'
has "$(problem lag)" "group load is "
last=$(kafka-sub -b "$KAFKA_BROKERS" -t seen --group load --from start --until end --meta offset -q | jq -s 'map(.offset) | max')
kafka_lag '&max-behind=0&max-lag=1s'
[ "$(jq -c '[.behind, .lag_s]' found)" = '[0,0]' ] || { cat found; exit 1; }
/usr/bin/python3 -c "$group" "$KAFKA_BROKERS" "$last"
kafka_lag
[ "$(jq '.behind >= 1 and .lag_s > 0' found)" = true ]
echo "a group on a topic with transactions: behind, and 0 behind when all is read"

# --- a canary through a pipe
run_group "mqtt-sub -t in/+ -q | mqtt-pub -t out/canary -q"
canary() { pipe-health --check "pipe=mqtt://127.0.0.1:$MQTT_PORT/in/canary?back=out/canary" --timeout 10s >found; }
wait_until 20 canary
[ "$(jq '.round_trip_s > 0' found)" = true ]
stop_groups
fails canary
has "$(problem pipe)" "did not come back at out/canary"
pipe-health --check "mqtt://127.0.0.1:$MQTT_PORT/echo" --timeout 100s >found
echo "canaries come back as long as the pipe runs"

# --- served
port=$(free_port)
CACHE_PASSWORD=geheim pipe-health "${checks[@]}" --listen "127.0.0.1:$port" --every 100ms --timeout 100s 2>served.log &
parts_pids+=("$!")
served_by=$!
page() { curl -s -o body -w '%{http_code}' "http://127.0.0.1:$port$1"; }
answers() { [ "$(page "$1")" = "$2" ]; }
wait_until 20 answers /healthz 200
[ "$(jq -c '[.status, (.checks | keys | length), .checks.db.name, .checks.db.status, (.timestamp[:2])]' body)" = '["healthy",8,"db","healthy","20"]' ]
stop_redis
wait_until 20 answers /healthz 503
[ "$(jq -c '[.status, .checks.cache.status, .checks.db.status, .checks.cache.failures > 0]' body)" = '["unhealthy","unhealthy","healthy",true]' ]
answers '/healthz?check=db,broker' 200
answers '/healthz?check=cache' 503
answers '/healthz?check=none' 404
answers '/healthz?check=' 404
grep -F 'broker, kafka' body >/dev/null
answers /livez 200
answers /metrics 200
promtool check metrics <body
grep -F 'weir_health_up{check="cache"} 0' body >/dev/null
curl -s -H 'Accept: application/openmetrics-text; version=1.0.0' -D head "http://127.0.0.1:$port/metrics" >open
grep -i '^content-type: application/openmetrics-text; version=1.0.0' head >/dev/null
[ "$(tail -n 1 open)" = "# EOF" ]
run_redis
wait_until 20 answers /healthz 200
kill -TERM $served_by
wait $served_by
fails grep -F geheim served.log
echo "served: 503 while a server is away, liveness apart, promtool reads the figures"
