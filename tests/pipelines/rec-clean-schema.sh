#!/usr/bin/env bash
# rec-clean --schema beside python's jsonschema: 10,000 pairs of a document and a schema of draft 4, 6 or 7, by verdict, place and keyword.
# labels: jsonschema
# builds: release
# tools: rec-clean
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with jsonschema==4.26.0 rfc3339-validator==0.1.4)
schemas=500 documents=20

"$WEIR_SOURCE/tests/support/schema-oracle" make . "${WEIR_SEED:-1}" $schemas $documents
for ((i = 0; i < schemas; i++)); do
  status=0
  rec-clean --schema "$i.schema.json" --rejects "$i.rejects" "$i.ndjson" >"$i.out" 2>words || status=$?
  [ $status = 0 ] || { cat words "$i.schema.json" >&2; echo "FAILED rec-clean: exit $status" >&2; exit 1; }
  [ -e "$i.rejects" ] || : >"$i.rejects"
  [ $(($(wc -l <"$i.out") + $(wc -l <"$i.rejects"))) = $documents ] || { echo "FAILED rec-clean: in is not out and rejected" >&2; exit 1; }
done
"$python" "$WEIR_SOURCE/tests/support/schema-oracle" compare .
