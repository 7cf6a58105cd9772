#!/usr/bin/env bash
# win-agg, win-delta, win-calc and rec-dedup, line by line, against models of their manual pages that look at everything each time: streams made at
# random, with disorder, late and revised rows, watermarks from upstream, clocks that run ahead and records sent again.
# tools: win-agg win-delta win-calc rec-dedup
# timeout: 300
set -euo pipefail
PATH=$WEIR_BIN:$PATH
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/win-agg-model" --streams 150
/usr/bin/python3 "$WEIR_SOURCE/tests/support/win-rows-model" --streams 200
