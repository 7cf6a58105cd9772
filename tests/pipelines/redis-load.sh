#!/usr/bin/env bash
# redis-load against a real server: what each command stores, and its answers to the errors of the server. TLS, users, a replica, a cluster.
# labels: redis
# tools: redis-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
source "$WEIR_SOURCE/tests/support/certificates.sh"
start_redis

fail() { echo "FAILED: $*"; [ ! -s err ] || cat err; exit 1; }
same() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; } # same WHAT GOT EXPECTED
ask() { ask_redis --raw "$@"; }
load() { timeout 600 redis-load "$@" 2>err; }
# Some seconds of its time to live have passed.
lives() { local left; left=$(ask pttl "$1"); [ "$left" -le "$2" ] && [ "$left" -gt $(($2 - 1200000)) ] || fail "$1 lives for $left ms, not $2"; }

# 1. Every command, several a record; the published messages in the order of the records.
awk 'BEGIN { srand(5); for (i = 1; i <= 3000; i++)
  printf "{\"id\":\"d%d\",\"kind\":\"t\",\"n\":%d,\"value\":%.3f,\"unit\":%s,\"at\":\"2026-01-01T00:%02d:%02dZ\"}\n", i % 7, i, 20 + 5 * rand(), i % 2 ? "\"°C\"" : "null", i / 60, i % 60 }' >in.ndjson
redis-cli -p "$REDIS_PORT" --raw psubscribe 'live:*' >heard &
listener=$!
parts_pids+=("$listener")
wait_until 10 grep -q live: heard
load --hset 'sensor:{id}:{kind}' value,timestamp=at,unit --expire 1h --lpush 'ts:{id}' --trim 100 --expire 1h --publish 'live:{id}' --value n \
  --set 'last:{id}' --expire 7d --zadd newest at,id --xadd all n --trim 500 --stats 'stats:{id}' value <in.ndjson || fail "exit $?"
same 'a hash holds the last record' "$(ask hmget sensor:d3:t value timestamp | xargs)" "$(jq -r 'select(.id == "d3") | [.value, .at] | @tsv' in.ndjson | tail -1 | xargs)"
last=$(grep '"d3"' in.ndjson | tail -1)
same 'a field that was null is gone' "$(ask hexists sensor:d3:t unit)" "$(jq 'if .unit then 1 else 0 end' <<<"$last")"
same 'the whole record' "$(ask get last:d3)" "$last"
same 'a list is trimmed, its newest first' "$(ask lrange ts:d3 0 -1)" "$(grep '"d3"' in.ndjson | tail -100 | tac)"
same 'a sorted set by time' "$(ask zrevrange newest 0 0 withscores | xargs)" "$(jq -r '[.id, (.at | fromdate)] | @tsv' in.ndjson | tail -1 | xargs)"
same 'a stream is trimmed' "$(ask xlen all) $(ask xrevrange all + - count 1 | tail -1)" '500 3000'
lives sensor:d3:t 3600000
lives ts:d3 3600000
lives last:d3 604800000
for id in d0 d3; do
  jq -r "select(.id == \"$id\").value" in.ndjson | /usr/bin/python3 -c '
import statistics, sys
values = [float(line) for line in sys.stdin]
kept = [float(each) for each in sys.argv[1].split()]
wanted = [len(values), statistics.fmean(values), statistics.stdev(values)]
sys.exit(any(abs(a - b) > 1e-9 * abs(b) for a, b in zip(kept, wanted)))' "$(ask hmget "stats:$id" count mean std | xargs)" || fail "statistics of $id"
done
heard_all() { [ "$(grep -cx '[0-9]*' heard)" -ge 3001 ]; } # the answer to the subscription is a number, too
wait_until 20 heard_all
same 'published in order' "$(grep -x '[0-9]*' heard | grep -vx 1 | sed -n '1p;$p' | xargs)" '2 3000'
kill $listener
echo "every command stores what it should"

# 2. A record whose key has another type is rejected with the server's reason; the others are stored.
ask set taken:d1 text >/dev/null
status=0
load --hset 'taken:{id}' n --rejects rejects <in.ndjson || status=$?
same 'exit with --rejects' $status 0
same 'rejects' "$(jq -r .reason rejects | sort | uniq -c | xargs)" "$(grep -c '"d1"' in.ndjson) WRONGTYPE Operation against a key holding the wrong kind of value"
same 'others are stored' "$(ask keys 'taken:*' | wc -l)" 7

# 3. Errors that pass: no memory, a server that is a replica for a while. The pipe waits, and everything arrives in order.
ask flushall >/dev/null
ask config set maxmemory 1 >/dev/null
load --lpush later --value n <in.ndjson &
loader=$!
wait_until 20 grep -q 'OOM .*trying again' err
ask config set maxmemory 0 >/dev/null
wait $loader || fail "after OOM: $?"
same 'after OOM' "$(ask lrange later 0 -1 | tac | md5sum)" "$(seq 3000 | md5sum)"
ask flushall >/dev/null
ask replicaof 127.0.0.1 1 >/dev/null
load --lpush later --value n <in.ndjson &
loader=$!
wait_until 20 grep -q 'READONLY .*trying again' err
ask replicaof no one >/dev/null
wait $loader || fail "after READONLY: $?"
same 'after READONLY' "$(ask lrange later 0 -1 | tac | md5sum)" "$(seq 3000 | md5sum)"
echo "no memory and a server that is a replica are waited for"

# 4. Records of one command that may be repeated go without a transaction: connections that break and errors that pass leave
# the last record of each key, a wrong type rejects its record alone, and each record counts once.
awk 'BEGIN { for (i = 1; i <= 200000; i++) printf "{\"id\":\"d%d\",\"n\":%d}\n", i % 50, i }' >many.ndjson
tail -50 many.ndjson | jq -r '"\(.id) \(.n)"' | sort >lasts
calls() { ask info commandstats | sed -n "s/^cmdstat_$1:calls=\([0-9]*\).*/\1/p"; }
lasts_are_there() { diff lasts <(for k in $(seq 0 49); do echo "d$k $(ask hget "last:d$k" n)"; done | sort); }
ask flushall >/dev/null
ask config resetstat >/dev/null
load --progress --hset 'last:{id}' n many.ndjson || fail "exit $?"
lasts_are_there || fail "without a transaction"
same 'commands and transactions' "$(calls hset) $(calls exec)" '200000 '
grep -q '200000 records stored' err || fail "records are counted otherwise"
for fault in kill oom; do
  ask flushall >/dev/null
  ask hset last:d7 n 0 >/dev/null
  load --progress --batch 1000 --hset 'last:{id}' n many.ndjson &
  loader=$!
  for _ in $(seq 20); do
    kill -0 $loader 2>/dev/null || break
    case $fault in
      kill) ask client kill type normal >/dev/null ;;
      oom) ask config set maxmemory 1 >/dev/null; sleep 0.02; ask config set maxmemory 0 >/dev/null ;;
    esac
    sleep 0.02
  done
  wait $loader || fail "after $fault: $?"
  grep -qE 'connection was lost|OOM' err || fail "$fault met no record"
  lasts_are_there || fail "after $fault"
  grep -q '200000 records stored' err || fail "after $fault records are counted otherwise"
done
ask set last:d7 text >/dev/null
status=0
load --progress --hset 'last:{id}' n --rejects taken many.ndjson || status=$?
same 'a wrong type' "$status $(jq -r '.raw | fromjson.id' taken | sort | uniq -c | xargs) $(grep -o '[0-9]* records stored' err)" '0 4000 d7 196000 records stored'
echo "records of one command go as they are"

# 5. Users and their rights.
ask acl setuser ana on '>S3cret' '~ana:*' +@all >/dev/null
printf 'S3cret\n' >right
printf 'wrong\n' >wrong
chmod 600 right wrong
echo '{"a":1}' >one
load --set ana:k --user ana --password-file right one || fail "a user with rights: $?"
# refused TEXT OPTION…
refused() {
  local text=$1 got=0
  shift
  load "$@" one || got=$?
  [ $got = 1 ] && grep -qF -- "$text" err || fail "exit $got with $*, not 1 with '$text'"
  ! grep -qF S3cret err || fail "the password is shown"
}
refused WRONGPASS --set ana:k --user ana --password-file wrong
refused NOPERM --set bob:k --user ana --password-file right
refused NOPERM --lpush bob:k --user ana --password-file right
ask config set requirepass S3cret >/dev/null
refused NOAUTH --set k
REDIS_PASSWORD=S3cret load --set k one || fail "the default user's password from the environment: $?"
stop_redis

# 6. TLS: verified by name and certificate, with a certificate of its own for a server that wants one.
authority ours
authority theirs
certificate server DNS:localhost
certificate device DNS:device
chmod 600 ./*.key
start_redis
stop_redis
# shellcheck disable=SC2034 # read by run_redis
PARTS_REDIS_OPTIONS=(--port 0 --tls-port "$REDIS_PORT" --tls-cert-file "$PWD/server.pem" --tls-key-file "$PWD/server.key" --tls-ca-cert-file "$PWD/ours.pem")
run_redis
load --host localhost --cafile ours.pem --cert device.pem --key device.key --lpush k --value n in.ndjson || fail "TLS: $?"
same 'over TLS' "$(ask_redis --tls --cacert ours.pem --cert device.pem --key device.key llen k)" 3000
refused 'the certificate is not trusted' --host localhost --cafile theirs.pem --cert device.pem --key device.key --set k
refused 'the certificate is not trusted' --host 127.0.0.1 --cafile ours.pem --cert device.pem --key device.key --set k
refused 'cannot reach the server' --host localhost --cafile ours.pem --set k --retry-for 0s
load --host 127.0.0.1 --insecure --cafile ours.pem --cert device.pem --key device.key --set k one || fail "--insecure: $?"
stop_redis
echo "users, rights and certificates are told apart"

# 7. A node of a cluster: keys of one hash tag, and no others.
start_redis --cluster-enabled yes --cluster-port "$(free_port)" # its usual one, 10,000 above, may be none
ask cluster addslotsrange 0 16383 >/dev/null
ready() { [[ $(ask cluster info) == *cluster_state:ok* ]]; }
wait_until 20 ready
load --set '{{plant}}:{n}' --lpush '{{plant}}:all' in.ndjson || fail "one hash tag: $?"
same 'one hash tag' "$(ask llen '{plant}:all')" 3000
refused 'all keys must have one hash tag' --set a --lpush b
ask cluster delslotsrange 0 16383 >/dev/null
echo "a node of a cluster takes keys of one hash tag"
stop_redis

# 8. A command that the server does not know.
start_redis --rename-command SET '' --rename-command LPUSH ''
refused 'unknown command' --set k
refused 'unknown command' --lpush k
echo "an unknown command ends the run"
