# The beginning of a test of whole pipelines, sourced first: the tools in PATH, scripts/parts.sh, a folder of its own to work in.
# shellcheck shell=bash

export PATH=$WEIR_BIN:$PATH
source "$WEIR_SOURCE/scripts/parts.sh"
parts_begin
cd "$PARTS" || exit
