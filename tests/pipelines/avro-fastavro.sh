#!/usr/bin/env bash
# 10,000 random records of 20 schemas, with the bytes of fastavro, both ways.
# labels: avro
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with fastavro==1.13.1)
"$python" "$WEIR_SOURCE/tests/support/avro-oracle" "$WEIR_BIN/../tests/avro-convert" 10000 "${WEIR_SEED:-1}"
