#!/usr/bin/env bash
# rec-clean beside jq: 40,000 readings of which some are null, text, out of range or without a sensor; records and rejects agree.
# tools: rec-clean
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
awk 'BEGIN {
  srand(7)
  for (i = 0; i < 40000; i++) {
    value = sprintf("%.2f", rand() * 120 - 20)
    kind = int(rand() * 20)
    if (kind == 0) value = "null"
    if (kind == 1) value = "\"" value "\""
    if (kind == 2) value = "\"wet\""
    if (kind == 3) value = "1e3"
    sensor = kind == 4 ? "" : sprintf("\"sensor\":\"s%d\",", i % 9)
    printf "{\"n\":%d,%s\"value\":%s,\"unit\":\"C\"}\n", i, sensor, value
  }
}' >readings.ndjson

# 1. Checks: every record is written or rejected, as the rules say.
rec-clean --range value=0..90 --require sensor,value --rejects rejects readings.ndjson >checked 2>words
jq -c 'def number: if type == "string" then (try tonumber catch .) else . end; .value = (.value | number)
  | select((.value | type) == "number" and .value >= 0 and .value <= 90 and .sensor)' readings.ndjson >expected
cmp <(jq -c . checked) expected || { echo "FAILED rec-clean: checked records are not jq's" >&2; exit 1; }
[ "$(($(wc -l <checked) + $(wc -l <rejects)))" = 40000 ] || { echo "FAILED rec-clean: in is not out and rejected" >&2; exit 1; }
echo "checks: $(wc -l <checked) records as jq has them, $(wc -l <rejects) rejected"

# 2. Repairs, expressions and conditions.
rec-clean --type value=number:null --range value=..90:clamp --set 'f = value * 9 / 5 + 32' --keep 'f > 60 and sensor != "s3"' \
  --drop 'n % 10 == 0' --select n,sensor,f readings.ndjson >computed 2>words
jq -c 'def number: if type == "string" then (try tonumber catch null) else . end; .value = (.value | number) | .value = (.value | if . and . > 90 then 90 else . end)
  | .f = (if .value then .value * 9 / 5 + 32 else null end)
  | select(.f and .f > 60 and .sensor and .sensor != "s3" and .n % 10 != 0) | {n, sensor, f}' readings.ndjson >expected
cmp <(jq -c . computed) expected || { echo "FAILED rec-clean: computed records are not jq's" >&2; exit 1; }
echo "repairs and expressions: $(wc -l <computed) records as jq has them"
