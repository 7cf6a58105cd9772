#!/usr/bin/env bash
# The room net/registry with a real registry: what is added is found, what is not compatible is refused.
# References are tested by the room's unit test: this version of Apicurio does not know them.
# labels: registry
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_registry
ask() { "$WEIR_BIN/../tests/registry-ask" "$SCHEMA_REGISTRY_URL" "$@"; }
# refused STATUS PATTERN ARGUMENT…: the question ends with this status, and its message matches.
refused() {
  local wanted=$1 pattern=$2 status=0
  shift 2
  ask "$@" >answer 2>message || status=$?
  [ "$status" = "$wanted" ] || { echo "registry-ask $*: exit $status" >&2; cat answer message >&2; exit 1; }
  grep -E "$pattern" message >/dev/null || { echo "registry-ask $*: no $pattern in:" >&2; cat message >&2; exit 1; }
}
same() { [ "$1" = "$2" ] || { printf 'FAILED: %s\ngot:    %s\nwanted: %s\n' "$3" "$1" "$2" >&2; exit 1; }; }

schema='{"type":"record","name":"R","fields":[{"name":"id","type":"long"}]}'
echo "$schema" >first
echo '{"type":"record","name":"R","fields":[{"name":"id","type":"long"},{"name":"x","type":"int","default":0}]}' >second
echo '{"type":"record","name":"R","fields":[{"name":"id","type":"string"}]}' >other
echo '{"type":"record"' >broken

ask add t-value first >added
read -r id _ <added
same "$(ask add t-value first | awk 'NR == 1 { print $1 }')" "$id" "a schema has one number"
same "$(ask id "$id" | awk 'NR > 1')" "$schema" "the schema of a number"
same "$(ask look-up t-value first | awk 'NR == 1')" "$id 1 AVRO" "a schema is found"
refused 4 'does not have /subjects/t-value' look-up t-value second
ask add t-value second >/dev/null
same "$(ask latest t-value | awk 'NR == 1 { print $2, $3 }')" "2 AVRO" "the latest version"
refused 2 'refuses /subjects/t-value/versions with 409' add t-value other
refused 2 'refuses /subjects/u-value/versions with 422' add u-value broken
refused 4 'does not have /schemas/ids/99999' id 99999
refused 4 'does not have /subjects/none/versions/latest' latest none

# shellcheck disable=SC2016
echo '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}' >json
id=$(ask add j-value json JSON | awk 'NR == 1 { print $1 }')
same "$(ask id "$id" | awk 'NR == 1 { print $3 }')" JSON "the type of a JSON Schema"

stop_registry
refused 1 'was away for 2s' id 1
