#!/usr/bin/env bash
# thresh-alert's for, clear, keep, expire and absent against a model of its manual page that goes minute by minute: streams made at random.
# tools: thresh-alert
# timeout: 300
set -euo pipefail
PATH=$WEIR_BIN:$PATH
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/thresh-model" --streams 300
