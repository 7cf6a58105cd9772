#!/usr/bin/env bash
# redis-load with checkpoints: whatever is killed when, the lists, statistics and rejects are those of a run that nothing happened to.
# labels: redis faults
# tools: csv-tail redis-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_redis
ask() { ask_redis --raw "$@"; }

count=6000
awk -v n=$count 'BEGIN { srand(4); print "id,key,value"; for (i = 1; i <= n; i++) printf "%d,k%d,%s\n", i, int(rand() * 50), i % 997 == 5 ? "bad" : int(rand() * 1e6) / 100 }' >rows.csv
commands="--lpush RUN:all --value id --lpush 'RUN:{key}' --value id --stats 'RUN:stats:{key}' value --hset 'RUN:last:{key}' id"
stored() { # stored RUN: all that a run has stored, key after key
  local key
  ask lrange "$1:all" 0 -1
  for key in $(seq 0 49); do ask lrange "$1:k$key" 0 -1; ask hmget "$1:stats:k$key" count mean m2 std; ask hget "$1:last:k$key" id; done
}
spoil() { ask set "$1:k7" text >/dev/null; } # a key of the wrong type: its records are refused
same() { # same RUN REJECTS
  stored "$1" >got
  cmp -s got wanted || { diff got wanted | head -5; fail "$1: not what a run stores that nothing happened to"; }
  cmp -s <(jq -c '[.raw, .reason]' "$2" | sed "s/$1:/RUN:/" | sort) rejected || fail "$1: not the same rejects"
}
spoil calm
csv-tail --state s0 rows.csv | eval redis-load --state s0 "${commands//RUN/calm}" 2>words || fail "undisturbed: $?"
stored calm >wanted
jq -c '[.raw, .reason]' s0/redis-load/rejects | sed 's/calm:/RUN:/' | sort >rejected
k7=$(tail -n +2 rows.csv | awk -F, '$2 == "k7" || $3 == "bad"' | wc -l)
[ "$(wc -l <rejected)" = "$k7" ] || fail "$(wc -l <rejected) rejects, not $k7"
[ "$(ask llen calm:all)" = $((count - k7)) ] || fail "$(ask llen calm:all) records in the undisturbed run"

# 1. Kills of both stages.
spoil killed
kills --state s1 --kills 8 --step 1 --seed 11 --grow rows.csv rows1.csv "csv-tail --checkpoint-records 150 rows1.csv | redis-load ${commands//RUN/killed}" >did
same killed s1/redis-load/rejects
echo "$(cat did): $count rows each once, $k7 refused ones rejected once"

# 2. Kills, and the server killed and started again meanwhile.
spoil storm
kills --state s2 --kills 3 --step 3 --seed 12 --grow rows.csv rows2.csv "csv-tail --checkpoint-records 200 rows2.csv | redis-load ${commands//RUN/storm}" >did &
killer=$!
for epoch in 4 12; do
  at_least() { [ "$(cat s2/commit 2>/dev/null || echo 0)" -ge "$1" ]; }
  wait_until 60 at_least $epoch
  restart_redis KILL
done
wait $killer || fail "under the storm: $(cat did)"
same storm s2/redis-load/rejects
echo "$(cat did); the server killed twice meanwhile: the same"

# 3. Of two runs with one name the older is powerless, and reports it.
rows_fenced() { ask llen fenced; }
fenced_off 99 redis-load --lpush fenced >refusal
grep -q 'is not there, and the sink has committed that epoch' refusal || fail "a foreign state folder: $(cat refusal)"
echo "a run that another one has fenced off stores nothing more and ends with 1"

# 4. A replica has the epoch before it counts; a server that lost epochs is found out.
replica=$(free_port)
mkdir replica
serve_process replica/log "$replica" redis-server --port "$replica" --bind 127.0.0.1 --dir "$PWD/replica" --save '' --replicaof 127.0.0.1 "$REDIS_PORT"
csv-tail --state s6 rows.csv | redis-load --state s6 --replicas 1 --lpush copied --value id 2>words || fail "with a replica: $?"
[ "$(redis-cli -p "$replica" llen copied)" = $count ] || fail "the replica lacks records"
csv-tail --state s7 rows.csv | redis-load --state s7 --replicas 2 --lpush held 2>words &
held=$!
parts_pids+=("$held")
wait_until 60 grep -q '1 of 2 replicas have the records' words
[ ! -e s7/commit ] || [ "$(cat s7/commit)" = 0 ] || fail "an epoch counts that a replica lacks"
kill -KILL $held
wait $held 2>/dev/null || true
csv-tail --state s8 -f slow.csv --checkpoint-every 50ms 2>/dev/null | redis-load --state s8 --lpush lost 2>lost.words &
lost=$!
parts_pids+=("$lost")
head -n 100 rows.csv >slow.csv
has_lost() { [ "$(ask llen lost)" = 99 ]; }
wait_until 60 has_lost
ask flushall >/dev/null
sed -n 101,150p rows.csv >>slow.csv
status=0
wait $lost || status=$?
[ "$status" = 1 ] && grep -q 'the server has lost what it had acknowledged' lost.words || fail "a server that lost epochs: $status, $(cat lost.words)"

# 5. A record names the key of the epoch: it is rejected, and the pipeline goes on.
printf 'id,key\n1,a\n2,weir:epoch:s9\n3,b\n' >hostile.csv
for round in 1 2; do
  csv-tail --state s9 hostile.csv | redis-load --state s9 --set '{key}' --value id 2>words || fail "a record with the epoch's key, $round: $(cat words)"
  echo "4,c$round" >>hostile.csv
done
[ "$(jq -c '[(.raw | fromjson | .id), .reason]' s9/redis-load/rejects)" = '[2,"the key weir:epoch:s9 is that of a pipeline'"'"'s epoch"]' ] || fail "rejects: $(cat s9/redis-load/rejects)"
[ "$(ask mget a b c1 | xargs)" = '1 3 4' ] || fail "the other records: $(ask mget a b c1 | xargs)"
echo "replicas are waited for; a server that has lost epochs is found out"
