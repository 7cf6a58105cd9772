#!/usr/bin/env bash
# labels: faults lake
# tools: csv-tail lake-load
# timeout: 600
# A table in a bucket, of whose pipeline stages are killed, and whose server is killed and fails; apart, as not every build has lake-load.
set -euo pipefail
cd "$(mktemp -d "${TMPDIR:-/tmp}/weir-faults.XXXXXX")"
# shellcheck disable=SC2154
trap 'status=$?; [ $status -ne 0 ] || rm -rf "$PWD"; exit $status' EXIT
"$WEIR_SOURCE/scripts/faults" --seed "${WEIR_FAULTS_SEED:-20261129}" --part lake --budget "${WEIR_FAULTS_BUDGET:-5}"
