#!/usr/bin/env bash
# What scripts/new-tool lays, of each kind, builds and passes its unit test, its golden case, the contract and the state contract.
# labels: house
# builds: release
# tools: csv-tail csv-append
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/scripts/parts.sh"
parts_begin
mkdir "$PARTS/tree"
(cd "$WEIR_SOURCE" && tar -cf - --exclude='./build*' --exclude=./.git .) | tar -xf - -C "$PARTS/tree"
cd "$PARTS/tree"
read -ra kinds < <(scripts/new-tool)
[ ${#kinds[@]} -ge 7 ] || { echo "kinds: ${kinds[*]}"; exit 1; }
for kind in "${kinds[@]}"; do scripts/new-tool --kind "$kind" "fresh-$kind" "does nothing yet"; done
refused() { # refused STATUS ARGUMENT…
  local wanted=$1 status=0
  shift
  scripts/new-tool "$@" >/dev/null 2>&1 || status=$?
  [ $status -eq "$wanted" ] || { echo "new-tool $* must end with $wanted, not $status"; exit 1; }
}
refused 1 fresh-filter
refused 2 Bad_Name
refused 2 --kind no-kind some-name
lines=$(cat tools/fresh-filter/* tests/unit/fresh-filter/* tests/cli/fresh-filter/*/* tests/contract/tools/fresh-filter.sh man/fresh-filter.1.scd | wc -l)
[ "$lines" -lt 80 ] || { echo "an empty filter has $lines lines"; exit 1; }

# With Make, as anyone who has the libraries does it; without optimization and with precompiled headers, in a third of the time.
cmake -S . -B build -G 'Unix Makefiles' -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG='-O0 -g0' -DWEIR_PRECOMPILED=ON >/dev/null
mkdir -p build/bin
cp "$WEIR_BIN"/csv-{tail,append} build/bin  # source and sink of the state contract
targets=()
for kind in "${kinds[@]}"; do targets+=("fresh-$kind" "unit_fresh-$kind" "doc_fresh-$kind"); done
cmake --build build --parallel "$(nproc)" --target "${targets[@]}" >build.log 2>&1 || { tail -30 build.log; exit 1; }
unset WEIR_BIN WEIR_MAN
export WEIR_SOURCE=$PWD
tests/contract/walls
for kind in "${kinds[@]}"; do
  "build/tests/unit_fresh-$kind"
  tests/support/run-cases "fresh-$kind"
  tests/contract/run "fresh-$kind"
  tests/contract/state "fresh-$kind"
done
echo "new-tool: ${kinds[*]}; an empty filter has $lines lines"
