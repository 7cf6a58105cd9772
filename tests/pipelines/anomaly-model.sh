#!/usr/bin/env bash
# anomaly-score's z (running, robust, seasonal) and novelty against a model of its manual page in numpy: streams made at random.
# labels: numpy
# tools: anomaly-score
# timeout: 300
set -euo pipefail
PATH=$WEIR_BIN:$PATH
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/anomaly-model" --streams 5
