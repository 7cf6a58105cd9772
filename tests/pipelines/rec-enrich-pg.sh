#!/usr/bin/env bash
# rec-enrich with a table of PostgreSQL beside the server's own LEFT JOIN: keys of two types, a small cache, keys that are no numbers,
# a later table found by what the first gives, a server that is restarted meanwhile, and kills of a run with checkpoints.
# labels: pg faults
# tools: rec-enrich csv-tail csv-append
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_quick_postgres
fail() { echo "FAILED: $*" >&2; tail -5 words >&2; exit 1; }

psql -Xq <<'SQL'
CREATE SCHEMA "grid one";
CREATE TABLE "grid one".meters (id integer, site varchar(3), "customer's id" bigint, price numeric(12,4), since timestamptz, tags jsonb, note text, tariff text, PRIMARY KEY (id, site));
INSERT INTO "grid one".meters SELECT n, s, 9007199254740993 + n, n / 7.0, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour',
  CASE WHEN n % 3 = 0 THEN NULL ELSE jsonb_build_object('a', n) END, E'line\n"quote" \\ ü ' || n, 't' || n % 5 FROM generate_series(1, 3000) n, (VALUES ('a'), ('b,"')) v(s);
CREATE TABLE tariffs (name text PRIMARY KEY, cent double precision);
INSERT INTO tariffs SELECT 't' || n, n * 1.1 FROM generate_series(0, 3) n;
SQL
/usr/bin/python3 - >records <<'PYTHON'
import json, random
rng = random.Random(4)
for n in range(20000):
    print(json.dumps({"n": n, "meter": rng.choice([rng.randrange(3600), str(rng.randrange(3600)), "x1", None, 99999999999999999999]), "site": rng.choice(["a", 'b,"', "abcd", "{\\"])}))
PYTHON
enrich=(rec-enrich --table 'pg:grid one.meters' --on 'meter=id,site' --take "customer's id as customer,price,since,tags,note,tariff"
  --table pg:tariffs --on tariff=name --take cent --miss null)
"${enrich[@]}" records >enriched 2>words || fail "it ends with $?"
psql -Xqc 'CREATE TABLE records (n integer, meter text, site text)' -c "\\copy records FROM PROGRAM 'jq -r \"[.n, .meter, .site] | @csv\" records' CSV"
# jq has rounded the number that no integer holds; no meter is near it either.
psql -XqAt -c "SELECT to_jsonb(q)::text FROM (SELECT r.n, m.\"customer's id\" AS customer, m.price, m.since, m.tags, m.note, m.tariff, t.cent FROM records r
  LEFT JOIN \"grid one\".meters m ON m.id::text = r.meter AND m.site = r.site LEFT JOIN tariffs t ON t.name = m.tariff ORDER BY r.n) q" >joined
# Byte for byte, of the members that were added.
/usr/bin/python3 - <<'PYTHON' || fail "the rows are not those of the server's join"
import json
exact = lambda line: json.loads(line, parse_float=str, parse_int=str)
hits = 0
for one, other in zip(map(exact, open("enriched")), map(exact, open("joined")), strict=True):
    assert {key: one[key] for key in other} == other, (one, other)
    hits += one["cent"] is not None
assert 1000 < hits < 19000, hits
print("20,000 records as the server joins them,", hits, "with a tariff")
PYTHON

# A cache of 20 answers gives the same records, and so does a restart of the server while they come.
"${enrich[@]}" --cache 20 records 2>words | cmp - enriched || fail "a small cache gives other records"
mkfifo pipe
"${enrich[@]}" --cache 20 <pipe >restarted 2>words &
stage=$!
exec 5>pipe
for i in 0 1 2 3; do
  (trap '' PIPE && sed -n "$((i * 5000 + 1)),$(((i + 1) * 5000))p" records >&5) || fail "it has ended in round $i"
  restart_postgres immediate 5>&-
done
exec 5>&-
wait "$stage" || fail "a restart ends it"
cmp restarted enriched || fail "a restart gives other records"
grep -q 'connected to ' words || fail "no restart was noticed"
echo "the same with a cache of 20 answers, and through restarts of the server"

# An answer holds for --cache-for in event time, and no longer; a late record takes the one that there is.
psql -Xq -c "CREATE TABLE valves (id integer PRIMARY KEY, state text)" -c "INSERT INTO valves VALUES (1, 'open')"
mkfifo valves
: >valves.out
rec-enrich --table pg:valves --on valve=id --take state --cache-for 1h --time timestamp <valves >valves.out 2>words &
stage=$!
exec 5>valves
# gets TIME STATE
gets() {
  local before
  before=$(wc -l <valves.out)
  (trap '' PIPE && echo "{\"timestamp\":\"2026-01-01T$1:00Z\",\"valve\":1}" >&5) || fail "it has ended before $1"
  until [ "$(wc -l <valves.out)" -gt "$before" ]; do kill -0 $stage || fail "it has ended"; done
  [ "$(tail -n 1 valves.out | jq -r .state)" = "$2" ] || fail "--cache-for: at $1 $(tail -n 1 valves.out), and not $2"
}
gets 00:00 open
psql -Xqc "UPDATE valves SET state = 'shut'"
gets 00:30 open
gets 01:00 open
gets 01:01 shut
psql -Xqc "UPDATE valves SET state = 'open'"
gets 00:59 shut
gets 02:02 open
exec 5>&-
wait $stage || fail "--cache-for: $?"
echo "an answer is asked for again after --cache-for"

# With checkpoints, killed again and again: the same bytes as without.
{ echo n,meter,site && jq -r '[.n, .meter, .site] | @csv' records | sed -n 1,4000p; } >rows.csv
join="rec-enrich --table 'pg:grid one.meters' --on meter=id,site --take price,since,note,tariff --table pg:tariffs --on tariff=name --take cent --miss null --cache 20"
csv-tail --text meter rows.csv 2>words | eval "$join" 2>>words | csv-append calm.csv 2>>words || fail "without checkpoints: $?"
kills --state s1 --kills 8 --step 1 --seed 5 --grow rows.csv grown.csv "csv-tail --text meter --checkpoint-records 100 grown.csv | $join | csv-append killed.csv" >did ||
  fail "$(cat did)"
cmp killed.csv calm.csv || fail "killed: other bytes"
[ "$(wc -l <calm.csv)" -gt 4000 ] || fail "$(wc -l <calm.csv) rows"
echo "$(cat did): the same bytes as without checkpoints"

# What is wrong on the server's side ends the run with its reason.
status=0
rec-enrich --table pg:nothing --on a --take b <<<'{"a":1}' 2>words || status=$?
[ $status = 1 ] && grep -q 'relation "nothing" does not exist' words || fail "a table that is not there: $status"
status=0
rec-enrich --table pg:tariffs --on a=nme --take cent <<<'{"a":1}' 2>words || status=$?
[ $status = 1 ] && grep -q "tariffs has no column 'nme'" words || fail "a column that is not there: $status"
stop_postgres
status=0
rec-enrich --table pg:tariffs --on a=name --take cent --retry-for 1s <<<'{"a":1}' 2>words || status=$?
[ $status = 1 ] && grep -q 'cannot reach the server' words || fail "a server that is not there: $status"
echo "a table, a column or a server that is not there ends the run"
