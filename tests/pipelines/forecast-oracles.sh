#!/usr/bin/env bash
# ts-forecast by name equals statsmodels on the classic series to 1e-3 (ETS, ARIMA, Theta), and its additive model scipy's solution.
# labels: numpy
# builds: release
# tools: ts-forecast
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with statsmodels==0.15.0)
export PYTHONDONTWRITEBYTECODE=1
"$python" "$WEIR_SOURCE/tests/support/forecast-oracles" 2>words || { cat words >&2; exit 1; }
"$python" "$WEIR_SOURCE/tests/support/forecast-prophet"
