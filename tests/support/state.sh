# The beginning of a test of checkpoints, sourced first: a folder to work in, random moments, kills of a pipeline's stages. The stages'
# messages go to the file `words`.
# shellcheck shell=bash

source "$WEIR_SOURCE/tests/support/begin.sh"

fail() {
  echo "FAILED $(basename "$0" .sh): $*" >&2
  [ ! -f words ] || tail -n 20 words >&2
  exit 1
}

lines_in() { [ -s "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }

# Kills of a pipeline whose sink commits in epochs: see state-kills --help.
kills() { "$WEIR_SOURCE/tests/support/state-kills" "$@"; }

# Random numbers by WEIR_SEED, or by a seed that is printed.
random_moments() {
  local seed=${WEIR_SEED:-$RANDOM}
  RANDOM=$seed
  echo "seed $seed"
}

# begin_group 'a | b': runs the pipeline as one group, on which the following functions act.
begin_group() {
  run_group "exec >>words 2>&1; $1"
  group=${parts_groups[-1]}
}
gone() { ! group_alive "$group"; }
one_of_group() { pgrep -g "$group" -x "$1" || gone; } # it may be starting, or have ended

# kill_some SOURCE SINK [SPINS]: one of the two or both, at a random moment; waits until the pipeline is gone.
kill_some() {
  local victims spin
  case $((RANDOM % 3)) in
    0) victims=$1 ;;
    1) victims=$2 ;;
    *) victims="$1|$2" ;;
  esac
  wait_until 60 one_of_group "$victims"
  for ((spin = RANDOM / ${3:-1}; spin > 0; spin--)); do :; done
  pkill -KILL -g "$group" -x "$victims" || true
  wait_until 60 gone
  wait "$group" 2>/dev/null || true
}
