#!/usr/bin/env bash
# The smart grid through Kafka:   kafka.sh
#
#   meters            -> grid.readings    by meter into four partitions; what the broker refuses goes to grid.dead
#   grid.readings     -> grid.alerts      a smart-grid.sh for each partition, side by side
#
# The alerts are printed, ordered by time. Everything is read to its end. A broker is started where KAFKA_BROKERS names none, and ends with
# the script. SOURCE replaces the grid, which is simulated: two hours of 200 meters. TOPICS: the prefix of the topics.
# tools: sensor-sim rec-dedup win-agg kafka-pub kafka-sub
# servers: kafka
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH=${WEIR_BIN:-$here/../../build/bin}:$PATH
source=${SOURCE:-sensor-sim --smart-grid --meters 200 --count 96000}
topics=${TOPICS:-grid}
partitions=4
if [ -z "${KAFKA_BROKERS:-}" ]; then
  parts=$here/../../scripts/parts.sh
  [ -f "$parts" ] || { echo "kafka.sh: servers are started from the source tree only: set KAFKA_BROKERS" >&2; exit 2; }
  # shellcheck source=scripts/parts.sh
  source "$parts"
  parts_begin
  start_kafka
fi

# A batch without an answer is sent again, in its place and once, for ten minutes. What the broker refuses for good, such as a record that is
# too large, is reported, is in the topic of dead letters, and makes the exit status 1.
status=0
# shellcheck disable=SC2086 # split at blanks
$source | kafka-pub -t "$topics.readings" -k meter --acks all --compression lz4 --linger 5ms --batch-size 64KiB --retry-for 10m \
  --dead-letter "$topics.dead" --create-topic "partitions=$partitions,max.message.bytes=100000" || status=$?

# A meter's readings are in one partition, in their order. So each detector sees its meters as one for the whole grid would.
# Live, leave out --until end and give each detector a --state of its own (pipe-run).
detectors=()
for ((i = 1; i <= partitions; i++)); do
  SOURCE="kafka-sub -q -t $topics.readings --from start --until end --shard $i/$partitions" "$here/smart-grid.sh" |
    kafka-pub -q -t "$topics.alerts" -k meter --compression lz4 --create-topic partitions=1 &
  detectors+=($!)
done
for detector in "${detectors[@]}"; do wait "$detector" || status=$?; done
kafka-sub -q -t "$topics.alerts" --from start --until end | jq -cs 'sort_by(.window_end, .meter)[]'
exit $status
