#!/usr/bin/env bash
# labels: faults smtp
# tools: csv-tail thresh-alert alert-notify
# timeout: 600
# Alerts to seven channels, whose stages are killed, and whose services are killed, cut, and answer with every error.
set -euo pipefail
cd "$(mktemp -d "${TMPDIR:-/tmp}/weir-faults.XXXXXX")"
# shellcheck disable=SC2154
trap 'status=$?; [ $status -ne 0 ] || rm -rf "$PWD"; exit $status' EXIT
"$WEIR_SOURCE/scripts/faults" --seed "${WEIR_FAULTS_SEED:-20261129}" --part notify --budget "${WEIR_FAULTS_BUDGET:-5}" --least 30
