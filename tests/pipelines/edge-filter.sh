#!/usr/bin/env bash
# edge-filter against a model with numpy and scipy, streams made at random: every mark of every record, and the guarantee of a swinging door.
# labels: numpy
# tools: edge-filter
# timeout: 300
set -euo pipefail
PATH=$WEIR_BIN:$PATH
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/edge-model" --streams 60
