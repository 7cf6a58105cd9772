#!/usr/bin/env bash
# examples/smart-grid through Kafka: four partitions by meter find the same thefts as one pipe without Kafka, and a record that the broker
# refuses is a dead letter.
# labels: kafka
# tools: sensor-sim rec-dedup win-agg kafka-pub kafka-sub
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_kafka
fail() { echo "FAILED: $*"; tail messages; exit 1; }
export TOPICS=t$$-grid
grid=$WEIR_SOURCE/examples/smart-grid

# 60 meters, 75 minutes, with repeats. From 01:05 on every tenth meter draws past its meter. The last step is cut off: it may not be whole.
sensor-sim --smart-grid --meters 60 --seed 3 --count 18000 >simulated
last=$(tail -n 1 simulated | jq -r .timestamp)
jq -c --arg last "$last" 'select(.timestamp < $last)
  | if .timestamp > "2026-01-01T01:05" and (.meter | endswith("5")) then .kw *= 0.2 else . end' simulated >readings
SOURCE='cat readings' "$grid/smart-grid.sh" 2>messages | jq -cs 'sort_by(.window_end, .meter)[]' >expected || fail "without Kafka"
[ "$(wc -l <expected)" -ge 5 ] || fail "only $(wc -l <expected) thefts"

# The same through Kafka, with a reading that is too large for the topic.
head -c 100000 /dev/urandom | base64 -w 0 |
  jq -Rc '{timestamp: "2026-01-01T00:00:00Z", meter: "m1", kw: 1, connected: true, note: .}' >large
status=0
SOURCE='cat readings large' "$grid/kafka.sh" >alerts 2>messages || status=$?
[ "$status" = 1 ] || fail "exit $status with a record that is too large"
diff alerts expected || fail "other alerts through Kafka"
all() { kafka-sub -q -t "$TOPICS.$1" --from start --until end "${@:2}"; }
shares=$(all readings --meta partition | jq -c '[.partition, .meter]' | sort -u | jq -sc '[(map(.[0]) | unique | length), length]')
[ "$shares" = '[4,60]' ] || fail "partitions and meters: $shares"
dead=$(all dead --meta headers | jq -c '[.meter, .headers["weir-topic"]]')
[ "$dead" = "[\"m1\",\"$TOPICS.readings\"]" ] || fail "dead letters: $dead"
echo "smart grid: the same $(wc -l <alerts) alerts by four partitions; a reading that is too large is a dead letter"
