#!/usr/bin/env bash
# pg-load through restarts of the server, ended sessions and answers that never arrive: every row once, none missing.
# labels: pg faults
# tools: pg-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_postgres

count=60000
seq "$count" | awk '{printf "{\"id\":%d,\"value\":%d.5,\"name\":\"row %d\"}\n", $1, $1 % 977, $1}' >rows.ndjson
seq "$count" | awk '{printf "%d\t%d.5\trow %d\n", $1, $1 % 977, $1}' >expected.tsv

fail() { echo "FAILED: $*"; [ ! -f words ] || tail -5 words; exit 1; }
# Every row as it should be, each once; the table has no unique index that would hide a double.
same_rows() {
  psql -qAt -c "copy (select id, value, name from $1 order by id) to stdout" >got.tsv
  cmp -s got.tsv expected.tsv || { diff got.tsv expected.tsv | head -5; fail "$1: the rows are not the ones that were sent"; }
}
new_table() { psql -qc "create table $1 (id bigint, value double precision, name text)"; }
losses() { grep -c 'the connection was lost' words || true; }

# load_through TABLE COMMAND…: loads all rows, and runs the command six times meanwhile.
load_through() {
  local table=$1 loader feeder i
  shift
  mkfifo "$table.pipe"
  pg-load --table "$table" --batch 500 <"$table.pipe" 2>words &
  loader=$!
  exec 5>"$table.pipe"
  for i in 0 1 2 3 4 5; do
    sed -n "$((i * 10000 + 1)),$(((i + 1) * 10000))p" rows.ndjson >&5 &
    feeder=$!
    "$@" >/dev/null 5>&- # or the server holds our end of the pipe open
    wait "$feeder"
  done
  exec 5>&-
  wait "$loader" || fail "pg-load ended with $? ($*)"
}

# 1. The server is restarted, without a chance to finish anything, while rows arrive.
new_table restarted
load_through restarted restart_postgres immediate
same_rows restarted
[ "$(losses)" -ge 1 ] || fail "no restart was noticed, so nothing was shown"
echo "6 restarts of the server (immediate) while $count rows arrived: each row once; $(losses) connections lost"

# 2. Its session is ended from outside, again and again.
new_table ended
load_through ended psql -qAt -c "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pg-load'"
same_rows ended
[ "$(losses)" -ge 1 ] || fail "no ended session was noticed, so nothing was shown"
echo "sessions ended by pg_terminate_backend: each row once; $(losses) connections lost"

# 3. The answer to COMMIT never arrives (committed: must not be loaded again), or the end of the data does not (not committed: must be).
proxy_port=$(free_port)
"$WEIR_SOURCE/tests/support/pg-proxy" --port "$proxy_port" --to "$PGHOST:$PGPORT" --lose-commit 10 --lose-copy 10 >proxy.log 2>&1 &
parts_pids+=("$!")
wait_until 10 port_open "$proxy_port"
new_table cut
PGPORT=$proxy_port PGSSLMODE=disable pg-load --table cut --batch 500 rows.ndjson 2>words || fail "pg-load ended with $? behind the proxy"
same_rows cut
[ "$(sort proxy.log | uniq -c | awk '{print $4, $1}' | xargs)" = "commit 10 copy 10" ] || fail "the proxy did not break what it should"
echo "10 lost answers to COMMIT and 10 copies cut before their end: each row once"

# 4. The same with refused rows in every batch: their batch goes in by parts, in one transaction, and each is rejected once.
awk '{print} NR % 500 == 7 {printf "{\"id\":\"bad %d\",\"value\":1,\"name\":\"x\"}\n", NR}' rows.ndjson >mixed.ndjson
proxy_port=$(free_port)
"$WEIR_SOURCE/tests/support/pg-proxy" --port "$proxy_port" --to "$PGHOST:$PGPORT" --lose-commit 10 --lose-copy 10 >proxy.log 2>&1 &
parts_pids+=("$!")
wait_until 10 port_open "$proxy_port"
new_table mixed
PGPORT=$proxy_port PGSSLMODE=disable pg-load --table mixed --batch 500 --rejects rejects mixed.ndjson 2>words || fail "pg-load ended with $?"
same_rows mixed
[ "$(wc -l <rejects)" = 120 ] || fail "$(wc -l <rejects) rejects, not 120"
[ "$(sort -u rejects | wc -l)" = 120 ] || fail "a row was rejected twice"
echo "the same with 120 refused rows among them: each good row once, each bad one rejected once"

# 5. SIGTERM while the server is away: it ends, with 1, for rows are lost with it.
new_table stopped
mkfifo pipe
pg-load --table stopped --batch 10 <pipe 2>words &
loader=$!
exec 5>pipe
sed -n 1,10p rows.ndjson >&5
ten_rows() { [ "$(psql -qAt -c 'select count(*) from stopped')" = 10 ]; }
wait_until 20 ten_rows
stop_postgres immediate
sed -n 11,20p rows.ndjson >&5
wait_until 20 grep -q 'trying again' words
kill -TERM "$loader"
status=0
wait "$loader" || status=$?
exec 5>&-
[ "$status" = 1 ] || fail "exit $status, not 1, when stopped with rows that could not be loaded"
pg_control start 5>&-
[ "$(psql -qAt -c 'select count(*) from stopped')" = 10 ] || fail "other rows than the ten before"
echo "SIGTERM while the server is away: ends with 1, and says so"
