#!/usr/bin/env bash
# The scorer of the Numenta Anomaly Benchmark gives the scores that the benchmark publishes for four detectors; scripts/bench nab scores anomaly-score.
# builds: release
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
nab() { PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/nab" "$@"; }

nab --published "$WEIR_SOURCE/tests/support/nab-published/scores.json" >published
diff published - <<'EOF'
ARTime 74.85 65.15 80.36
numenta 70.10 63.21 74.32
contextOSE 69.90 66.98 73.18
windowedGaussian 39.65 20.87 47.41
EOF
echo "the scorer gives the published scores of $(wc -l <published) detectors"
