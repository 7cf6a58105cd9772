#!/usr/bin/env bash
# ts-forecast's combination, its weights and its intervals against a model of its manual page in numpy: series made at random.
# labels: numpy
# tools: ts-forecast
# timeout: 300
set -euo pipefail
PATH=$WEIR_BIN:$PATH
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/forecast-model" --series 60
