#!/usr/bin/env bash
# labels: faults pg mqtt redis influx owm kafka
# tools: owm-poll csv-tail mqtt-sub kafka-sub win-agg thresh-alert weather-advise csv-append pg-load mqtt-pub kafka-pub redis-load influx-load
# timeout: 900
# A bounded part of scripts/faults: as many faults of each kind as fit into some seconds. The seed stays the same, so that two runs
# of the suite test the same; scripts/faults itself draws another one each time.
set -euo pipefail
cd "$(mktemp -d "${TMPDIR:-/tmp}/weir-faults.XXXXXX")"
# shellcheck disable=SC2154
trap 'status=$?; [ $status -ne 0 ] || rm -rf "$PWD"; exit $status' EXIT
# The sanitizers look for what the first faults of a kind already reach.
budget=5
if grep -q __asan_init "$WEIR_BIN/csv-tail"; then budget=2; fi
"$WEIR_SOURCE/scripts/faults" --seed "${WEIR_FAULTS_SEED:-20261120}" --budget "${WEIR_FAULTS_BUDGET:-$budget}" --without kafka-brokers --without lake --without shards
