#!/usr/bin/env bash
# The database is away while a pipeline with checkpoints is stopped, loses its source, and is started again: no stage stays in the way of
# the next start, which waits for the database and then goes on.
# labels: pg faults
# tools: csv-tail rec-dedup pg-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_quick_postgres
psql -qc 'create table t (id bigint, value double precision)'

rows_made=0
add_rows() {
  seq $((rows_made + 1)) $((rows_made + $1)) | awk '{printf "%d,%d.25\n", $1, $1 % 997}' >>rows.csv
  rows_made=$((rows_made + $1))
}
loaded() { [ "$(psql -qAt -c 'select count(*) from t')" = $rows_made ]; }
whole() { cmp -s <(psql -qAt -F, -c 'select id, value from t order by id') <(tail -n +2 rows.csv); }
stage() { ps -o pid=,comm= -g "$1" | awk -v name="$2" '$2 == name {print $1}'; }
waits_for_server() { grep -q 'trying again' words; }
run_over() { group_gone "$1"; }

runs=0
export WEIR_STATE=$PARTS/state
begin() { # the next run; its group is the last of parts_groups
  runs=$((runs + 1))
  ln -sfn words-$runs words
  run_group "exec 2>words; csv-tail -f --checkpoint-every 50ms rows.csv | rec-dedup --by id --within 1m --time id --any-epoch | pg-load --table t"
}
echo id,value >rows.csv
add_rows 500
begin
wait_until 60 loaded

# The run is in the middle of an epoch, the server is away, and it knows.
lose_server() {
  local before
  before=$(grep -c 'trying again' words || true)
  stop_postgres immediate
  add_rows 500
  waits_again() { [ "$(grep -c 'trying again' words)" -gt "$before" ]; } # it may have waited at its start, too
  wait_until 60 waits_again
}
# The next run begins at once, finds its stages, waits, and goes on by itself when the server is there.
goes_on() { # goes_on HOW
  begin
  wait_until 60 waits_for_server
  wait_until 60 run_over "${parts_groups[-2]}"
  pg_control start
  wait_until 90 loaded
  whole || fail "$1: not each row once"
  echo "$1: the next start waited for the server and went on; $rows_made rows, each once"
}

lose_server
kill -TERM -- "-${parts_groups[-1]}"
goes_on "stopped by SIGTERM to every stage while the server is away"

lose_server
kill -TERM "$(stage "${parts_groups[-1]}" csv-tail)"
goes_on "stopped by SIGTERM to the source alone"

# Nobody has asked the others to stop: they end because no barrier can come any more, with the server still away.
lose_server
kill -KILL "$(stage "${parts_groups[-1]}" csv-tail)"
wait_until 60 run_over "${parts_groups[-1]}"
grep -q 'pg-load: the input ended without its last barrier' words || fail "pg-load does not say that its source is gone"
goes_on "the source killed"

# The same before the first word of the database.
lose_server
kill -TERM -- "-${parts_groups[-1]}"
wait_until 60 run_over "${parts_groups[-1]}"
begin
wait_until 60 waits_for_server
kill -KILL "$(stage "${parts_groups[-1]}" csv-tail)"
wait_until 60 run_over "${parts_groups[-1]}"
goes_on "the source killed while the sink waits at its start"

# A finished input is no stop: what is left of its run, the sink, waits until the last epoch is committed.
kill -TERM "$(stage "${parts_groups[-1]}" csv-tail)"
wait_until 60 run_over "${parts_groups[-1]}"
runs=$((runs + 1))
psql -qc 'truncate t'
mkfifo locking
psql -q <locking &
exec 5>locking
echo 'begin; lock table t;' >&5
is_locked() { [ "$(psql -qAt -c "select count(*) from pg_locks where relation = 't'::regclass and mode = 'AccessExclusiveLock'")" = 1 ]; }
wait_until 60 is_locked
export WEIR_STATE=$PARTS/finished
ln -sfn words-$runs words
run_group "exec 2>words 5>&-; csv-tail rows.csv | rec-dedup --by id --within 1m --time id --any-epoch | pg-load --table t"
has_only_sink() { [ -z "$(stage "${parts_groups[-1]}" csv-tail)$(stage "${parts_groups[-1]}" rec-dedup)" ]; }
waits_for_lock() { psql -qAt -c "select wait_event_type from pg_stat_activity where application_name = 'pg-load'" | grep Lock >/dev/null; }
wait_until 60 waits_for_lock
wait_until 60 has_only_sink
stop_postgres immediate
exec 5>&-
wait_until 60 waits_for_server
pg_control start
wait "${parts_groups[-1]}" || fail "a finished input: exit $?"
loaded && whole || fail "a finished input: not each row once"
echo "a finished input: the sink alone waits until the last epoch is committed"
