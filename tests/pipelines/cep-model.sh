#!/usr/bin/env bash
# cep-match against a search through all matches: 10,000 random patterns over up to 8 records, in both forms.
# tools: cep-match
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/cep-model" "$WEIR_BIN/../tests/cep-cases" 10000 "${WEIR_SEED:-}"
