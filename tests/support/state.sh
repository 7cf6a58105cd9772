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

# rows_with_secrets N SEED BYTES: a table of N rows with a pad of so many bytes; the kind of every 400th is secret, of the others ok.
rows_with_secrets() {
  awk -v n="$1" -v seed="$2" -v pad="$3" 'BEGIN {
    srand(seed); pad = sprintf("%0*d", pad, 0); print "n,kind,value,pad"
    for (i = 1; i <= n; i++) printf "%d,%s,%.6f,%s\n", i, i % 400 == 9 ? "secret" : "ok", rand(), pad
  }'
}

# Kills of a pipeline whose sink commits in epochs: see state-kills --help.
kills() { "$WEIR_SOURCE/tests/support/state-kills" "$@"; }

# fenced_off ROWS SINK…: of two runs with one name the older is powerless, and reports it. Its 150 rows are in rows.csv, SINK… has no
# --state yet, and rows_fenced prints the number of rows in the store, of which ROWS are in the first 100. Prints the second run's words.
fenced_off() {
  local rows=$1 first status=0
  shift
  csv-tail --state s5 -f slowly.csv --checkpoint-every 50ms 2>/dev/null | "$@" --state s5 2>words &
  first=$!
  parts_pids+=("$first")
  head -n 100 rows.csv >slowly.csv
  has_fenced() { [ "$(rows_fenced)" = "$rows" ]; }
  wait_until 60 has_fenced
  sed -n 1,50p rows.csv >other.csv
  csv-tail --state other other.csv | "$@" --pipe s5 --state other 2>other.words && fail "a foreign folder with the same name was taken"
  sed -n 101,150p rows.csv >>slowly.csv
  wait $first || status=$?
  [ "$status" = 1 ] || fail "the run that was fenced off ended with $status"
  grep -q "another run of the pipeline 's5' has taken over" words || fail "the run that was fenced off does not report it"
  has_fenced || fail "a run that was fenced off has written $(rows_fenced) rows"
  cat other.words
}

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
