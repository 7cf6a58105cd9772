#!/usr/bin/env bash
# anomaly-score's trained models against scikit-learn and numpy: the isolation forest's formula over the same trees, the decision values
# of a one-class machine, the statistics of principal components; limits and scores of each.
# builds: release
# tools: anomaly-score
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with scikit-learn==1.9.1)
PYTHONDONTWRITEBYTECODE=1 "$python" "$WEIR_SOURCE/tests/support/iforest-sklearn"
PYTHONDONTWRITEBYTECODE=1 "$python" "$WEIR_SOURCE/tests/support/svm-pca-peers"
