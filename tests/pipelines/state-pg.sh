#!/usr/bin/env bash
# pg-load with checkpoints: whatever is killed when, the rows and the rejects are those of a run that nothing happened to.
# labels: pg faults
# tools: csv-tail pg-load
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_quick_postgres
sql() { psql -qAt -c "$1"; }

# Rows with a random value each; some that the server refuses, some that pg-load itself does.
count=80000
awk -v n=$count 'BEGIN {
  srand(4); pad = sprintf("%080d", 0); print "id,key,value,note"
  for (i = 1; i <= n; i++) {
    value = i % 997 == 5 ? "bad" : int(rand() * 1e6) / 100
    printf "%d,k%d,%s,row %d %.6f %s\n", i, int(rand() * 300), value, i, rand(), pad
  }
}' >rows.csv
columns="id bigint, key text, value double precision, note text"
rows() { sql "copy (select * from $1 order by id, note) to stdout"; }
rejected() { jq -r '.raw + " " + .reason' "$1" | sed "s/\"$2\"/TABLE/" | sort; }
same() { # same TABLE REJECTS [ORACLE]
  rows "$1" >got
  rows "${3:-oracle}" >wanted
  cmp -s got wanted || { diff got wanted | head -5; fail "$1: not the rows of a run that nothing happened to"; }
  [ "$(rejected "$2" "$1" | sort -u | wc -l)" = "$(rejected "$2" "$1" | wc -l)" ] || fail "$1: a row was rejected twice"
  cmp -s <(rejected "$2" "$1") <(rejected oracle.rejects oracle) || fail "$1: not the same rejects"
}

sql "create table oracle ($columns)"
csv-tail rows.csv | pg-load --table oracle --rejects oracle.rejects 2>words
refused=$(wc -l <oracle.rejects)
[ "$refused" = $((count / 997 + 1)) ] || fail "$refused rejects in the undisturbed run"

# 1. Kills. The table has no unique index that would hide a double.
sql "create table killed ($columns)"
kills --state s1 --kills 30 --step 1 --seed 11 --grow rows.csv rows1.csv 'csv-tail --checkpoint-records 150 rows1.csv | pg-load --table killed' >did
same killed s1/pg-load/rejects
echo "$(cat did): $count rows each once, $refused refused ones rejected once"

# 2. Started again behind its end: nothing more, and the same table.
csv-tail --state s1 rows1.csv | pg-load --state s1 --table killed 2>words || fail "a start behind the end: $?"
same killed s1/pg-load/rejects
! ls s1/resume/*.tmp s1/*/*.tmp 2>/dev/null || fail "something half written is left"

# 3. --upsert with keys that come again in every epoch, a table and columns that are made on the way.
sql "create table oracle_last (key text primary key, id bigint, value double precision, note text)"
csv-tail rows.csv | pg-load --table oracle_last --upsert key --rejects last.rejects 2>words
kills --state s2 --kills 8 --step 4 --seed 12 --grow rows.csv rows2.csv 'csv-tail --checkpoint-records 400 rows2.csv | pg-load --table last --create --upsert key --type id=bigint --type value=float8' >did
cmp -s <(sql "copy (select id, key, value, note from last order by key) to stdout") \
  <(sql "copy (select id, key, value, note from oracle_last order by key) to stdout") || fail "upsert: other rows"
echo "$(cat did): --create --upsert has the last row of each of $(sql 'select count(*) from last') keys"

# 4. The answer to a COMMIT gets lost, a COPY is cut: the epoch's number tells, and the run goes on.
proxy=$(free_port)
"$WEIR_SOURCE/tests/support/pg-proxy" --port "$proxy" --to "$PGHOST:$PGPORT" --lose-commit 15 --lose-copy 15 >proxy.log 2>&1 &
parts_pids+=("$!")
wait_until 30 port_open "$proxy"
sql "create table cut ($columns)"
: >words
csv-tail --state s3 --checkpoint-records 300 rows.csv | PGPORT=$proxy PGSSLMODE=disable pg-load --state s3 --table cut 2>words ||
  fail "behind the proxy: exit ${PIPESTATUS[*]}"
same cut s3/pg-load/rejects
[ "$(sort proxy.log | uniq -c | awk '{print $4, $1}' | xargs)" = "commit 15 copy 15" ] || fail "the proxy did not break what it should"
echo "15 lost answers to COMMIT and 15 copies cut before their end: each row once"

# 5. Sessions ended in mid-COMMIT, by a deferred trigger, and the server restarted, between kills.
sql "create table slow ($columns);
  create sequence storm;
  create function storm() returns trigger language plpgsql as 'begin
    if nextval(''storm'') % 3 = 0 then perform pg_terminate_backend(pg_backend_pid()), pg_sleep(1); end if;
    return null;
  end';
  create constraint trigger storm after insert on slow deferrable initially deferred for each row when (new.id % 1200 = 7) execute function storm()"
: >words
kills --state s4 --kills 8 --step 4 --seed 13 --grow rows.csv rows4.csv 'csv-tail --checkpoint-records 500 rows4.csv | pg-load --table slow' >did &
killer=$!
for epoch in 10 30; do
  at_least() { [ "$(cat s4/commit 2>/dev/null || echo 0)" -ge "$1" ]; }
  wait_until 120 at_least $epoch
  restart_postgres immediate || fail "the server did not come back"
done
wait $killer || fail "under the storm: $(cat did)"
same slow s4/pg-load/rejects
ended=$(grep -c 'connection was lost: .*terminating connection' words || true)
[ "$ended" -ge 10 ] || fail "only $ended sessions were ended in mid-COMMIT"
echo "$(cat did); $ended sessions ended in mid-COMMIT and 2 restarts of the server meanwhile: each row once"

# 6. Of two runs with one name the older is powerless, and says so.
sql "create table fenced ($columns)"
rows_fenced() { sql 'select count(*) from fenced'; }
fenced_off 98 pg-load --table fenced >refusal
grep -q "is not there, and the sink has committed that epoch: .* without the pipeline's row in weir_epoch" refusal ||
  fail "a foreign state folder: $(cat refusal)"
echo "a run that another one has fenced off loads nothing more and ends with 1; a state folder that is not the table's is refused"
