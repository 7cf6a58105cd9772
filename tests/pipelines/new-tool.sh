#!/usr/bin/env bash
# What scripts/new-tool lays builds and passes its unit test, its golden case and the contract suite, unchanged.
# labels: house
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/scripts/parts.sh"
parts_begin
mkdir "$PARTS/tree"
(cd "$WEIR_SOURCE" && tar -cf - --exclude='./build*' --exclude=./.git .) | tar -xf - -C "$PARTS/tree"
cd "$PARTS/tree"
scripts/new-tool fresh-tool "does nothing yet"
status=0
scripts/new-tool fresh-tool >/dev/null 2>&1 || status=$?
[ $status -eq 1 ] || { echo "a name that is taken must be refused with 1, not $status"; exit 1; }
status=0
scripts/new-tool Bad_Name >/dev/null 2>&1 || status=$?
[ $status -eq 2 ] || { echo "a name that is no kebab-case must be refused with 2, not $status"; exit 1; }
# Plainly, as whoever has the libraries does it: by Make, where the presets use Ninja.
cmake -S . -B build -G 'Unix Makefiles' >/dev/null
cmake --build build --parallel "$(nproc)" --target fresh-tool unit_fresh-tool doc_fresh-tool >build.log 2>&1 || { tail -30 build.log; exit 1; }
build/tests/unit_fresh-tool
unset WEIR_BIN WEIR_MAN
WEIR_SOURCE=$PWD tests/support/run-cases fresh-tool
WEIR_SOURCE=$PWD tests/contract/run fresh-tool
