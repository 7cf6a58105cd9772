#!/usr/bin/env bash
# edge-filter cross compiled for arm64, in a Debian of its own: under qemu its golden cases are the same, to the last digit. Needs root, and the
# mirror of Debian. WEIR_TRY_DIR may name a folder that has the bare system already.
# labels: arm64
# asked: arm64
# tools: edge-filter
# timeout: 3600
set -euo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$WEIR_SOURCE/scripts/try-on" bookworm --cross arm64 --only edge-filter >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
grep -F 'edge-filter: its golden cases are the same under qemu' "$log"
