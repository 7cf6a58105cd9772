#!/usr/bin/env bash
# A smart home through Kafka into PostgreSQL, from its sensors to a table:   kafka.sh
#
#   sensors       -> home.raw.SENSOR                          a topic a sensor, in Avro
#   home.raw.*    -> home.day.SENSOR, home.late.2d, .10d      the days, their differences and rests; copies of late records
#   all of these  -> SENSOR_raw, SENSOR_day, late_taken …     a table a topic, as smart-home.sh makes them
#
# Each step reads its topics to their end. A broker and PostgreSQL are started where KAFKA_BROKERS and PGHOST name none, and end with it.
# SOURCE replaces the house of ten simulated days, TOPICS the prefix of the topics. With SCHEMA_REGISTRY_URL schemas are registered there.
# tools: sensor-sim win-agg win-delta win-calc pg-load kafka-pub kafka-sub
# servers: kafka postgres
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH=${WEIR_BIN:-$here/../../build/bin}:$PATH
source=${SOURCE:-sensor-sim --smart-home --count 6900}
topics=${TOPICS:-home}
late=2d
work=$(mktemp -d)
parts_cleanup() { rm -rf "$work"; }
trap parts_cleanup EXIT
if [ -z "${KAFKA_BROKERS:-}" ] || [ -z "${PGHOST:-}" ]; then
  parts=$here/../../scripts/parts.sh
  [ -f "$parts" ] || { echo "kafka.sh: servers are started from the source tree only: set KAFKA_BROKERS and PGHOST" >&2; exit 2; }
  # shellcheck source=scripts/parts.sh
  source "$parts"
  parts_begin  # its own cleanup calls parts_cleanup
  [ -n "${KAFKA_BROKERS:-}" ] || start_kafka
  [ -n "${PGHOST:-}" ] || start_postgres
fi

registry=()
[ -z "${SCHEMA_REGISTRY_URL:-}" ] || registry=(--registry "$SCHEMA_REGISTRY_URL")
# send TOPIC SCHEMA: records of standard input; receive TOPICS SCHEMA: all that these topics have.
send() { kafka-pub -q -t "$1" --create-topic partitions=1 --avro-schema "$here/$2.avsc" "${registry[@]}"; }
receive() {
  local schema=("${registry[@]}")
  [ ${#schema[@]} -gt 0 ] || schema=(--avro-schema "$here/$2.avsc")
  kafka-sub -q -t "$1" --from start --until end "${schema[@]}" "${@:3}"
}
load() { pg-load -q --create --type timestamp=timestamptz --type late_by=interval --type value='double precision' "$@"; }

# shellcheck disable=SC2086 # split at blanks
$source | send "$topics.raw.{sensor}" reading

# Topics are read at different paces. What is late is decided by each sensor's own records (--watermark key). The days of a sensor that has
# nothing more to come are closed by the watermark over all topics, which also ends the days of win-calc.
mkfifo "$work/copies" "$work/late"
sends=()
send "$topics.late.2d" reading <"$work/copies" & sends+=($!)
send "$topics.late.10d" reading <"$work/late" & sends+=($!)
receive "^$topics\\.raw\\." reading --watermark 1s |
  win-agg --every day --closed right --watermark key --lateness 1s --by sensor --agg 'avg(value) as avg, sum(value) as sum, max(value) as max' \
    --allow-late $late --late-copy "$work/copies" --late "$work/late" --drop-partial --stats |
  win-delta --by sensor --field 'max as used' --allow-late $late |
  win-calc --pass --missing wait --watermark input --allow-late $late \
    --calc 'EnergyRest = Etot.used - HVAC1.sum - HVAC2.sum - MiAC1.sum - MiAC2.sum' \
    --calc 'WaterRest = Wtot.used - W1.sum' |
  send "$topics.day.{sensor}" day
for send in "${sends[@]}"; do wait "$send"; done

receive "^$topics\\.raw\\." reading | load --table '{sensor}_raw'
receive "$topics.late.2d" reading | load --table late_taken
receive "$topics.late.10d" reading | load --table late_refused
receive "^$topics\\.day\\." day | load --table '{sensor}_day' --upsert window_end --time window_end --type window_start=timestamptz \
  --type window_end=timestamptz --type max=numeric --type used=numeric --type rev=integer

psql -X -c 'SELECT w.window_end::date - 1 AS day, round(w.value::numeric, 2) AS water_rest_l, w.rev AS revisions,
  round(e.value::numeric, 2) AS energy_rest_wh
  FROM "WaterRest_day" w LEFT JOIN "EnergyRest_day" e USING (window_end) ORDER BY 1'
