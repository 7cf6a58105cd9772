#!/usr/bin/env bash
# labels: faults kafka
# tools: csv-tail win-agg kafka-sub kafka-pub
# builds: release
# timeout: 600
# Three brokers of Kafka, of which one is killed under load; scripts/faults --whole kills 20, one at a time.
set -euo pipefail
cd "$(mktemp -d "${TMPDIR:-/tmp}/weir-faults.XXXXXX")"
# shellcheck disable=SC2154
trap 'status=$?; [ $status -ne 0 ] || rm -rf "$PWD"; exit $status' EXIT
"$WEIR_SOURCE/scripts/faults" --seed "${WEIR_FAULTS_SEED:-20261128}" --part kafka-brokers --budget 1
