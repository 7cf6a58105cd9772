#!/usr/bin/env bash
# influx-load against InfluxDB 1.6, and against a stand-in for versions 2 and 3 that gives every answer there is.
# labels: influx
# tools: influx-load csv-tail
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_influx

ask() { ask_influx "$1" weather | jq -c '.results[0].series[0].values'; }
same() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; } # same WHAT GOT EXPECTED

# 1. Names and text that need escapes, types, and times before 1970: the real server reads back what was in the record.
printf '%s\n' '{"s":"a b,c=d","n":1,"i":9007199254740993,"t":"say \"hi\" \\ x","b":true,"timestamp":"2026-07-01T00:00:00.123456789Z"}' \
  '{"s":"°C","n":1e3,"i":-1,"t":"","b":false,"timestamp":"1969-12-31T23:59:58.5Z"}' >odd.ndjson
influx-load --db weather --measurement 'odd, {s}' --tags 'tag one=s,none:-a b' --fields 'n,i:int,t:string,b:bool' odd.ndjson 2>words || fail "odd names: $?"
same 'escapes' "$(ask_influx 'select * from /odd/' weather | jq -c '[.results[0].series[] | [.name, .columns, .values[0]]]')" \
  '[["odd, a b,c=d",["time","b","i","n","none","t","tag one"],[1782864000123456800,true,9007199254740992,1,"a b","say \"hi\" \\ x","a b,c=d"]],["odd, °C",["time","b","i","n","none","t","tag one"],[-1500000000,false,-1,1000,"a b","","°C"]]]'
for precision in us ms s; do
  influx-load --db weather --measurement "in_$precision" --fields n --precision $precision odd.ndjson 2>words || fail "--precision $precision: $?"
done
# Names of measurements come back as they were, or are rejected.
python3 -c 'import itertools, json
for n, text in enumerate("".join(each) for each in itertools.product("a\\\", =#", repeat=3)):
    print(json.dumps({"id": f"r{n}", "name": text, "v": 1, "timestamp": "2026-07-01T00:00:00Z"}))' >names.ndjson
influx-load --db water --measurement '{name}' --tags id --fields v --rejects unfit names.ndjson 2>words || fail "names: $?"
ask_influx 'select * from /.*/' water | jq -r '.results[0].series[] | .name as $name | .values[] | [.[1], $name] | @json' | sort >got
jq -c '[.id, .name]' names.ndjson | grep -vxFf <(jq -c '.raw | fromjson | [.id, .name]' unfit) | sort | cmp - got || fail "names of measurements"
same 'names' "$(wc -l <got) $(jq -r .reason unfit | sort -u)" '202 the measurement cannot be a name in InfluxDB'
same 'precision' "$(for p in us ms s; do ask "select n from in_$p" | jq -c 'map(.[0])'; done | tr -d '\n' | sed 's/123456000/…/')" \
  '[-1500000000,1782864000…][-1500000000,1782864000123000000][-2000000000,1782864000000000000]'

# 2. The real server refuses points of another type: they are rejected with its text, the others are written.
awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "{\"id\":%d,\"v\":%s,\"timestamp\":\"2026-07-01T00:%02d:%02dZ\"}\n", i, i % 700 == 0 ? "\"text\"" : i, i / 60, i % 60 }' >mixed.ndjson
influx-load --db weather --measurement mixed --fields v --rejects rejects mixed.ndjson 2>words || fail "mixed types: $?"
same 'the rest is written' "$(ask 'select count(v), sum(v) from mixed' | jq -c '.[0][1:]')" "[2996,$((3000 * 3001 / 2 - 700 - 1400 - 2100 - 2800))]"
same 'rejects' "$(jq -r '.line' rejects | sort -n | xargs)" '700 1400 2100 2800'
same 'the server says why' "$(grep -c '400: partial write: field type conflict' rejects)" 4
status=0
influx-load --db nowhere --measurement m --fields v mixed.ndjson 2>words || status=$?
same 'no such database' "$status $(grep -c '404: database not found' words)" '1 1'

# 3. Points of one identity.
printf '{"v":%d,"timestamp":"2026-07-01T00:00:00Z"}\n' 1 2 3 >twins.ndjson
influx-load --db weather --measurement twins --fields v twins.ndjson 2>words || fail "twins: $?"
same 'the last one wins' "$(ask 'select v from twins') $(grep -c '2 points had the identity' words)" '[[1782864000000000000,3]] 1'
influx-load --db weather --measurement apart --fields v --seq-tag seq twins.ndjson 2>words || fail "--seq-tag: $?"
same '--seq-tag' "$(ask 'select count(v), sum(v) from apart' | jq -c '.[0][1:]')" '[3,6]'

# 4. Every answer of versions 2 and 3: points arrive once, in the end, and the refused one is rejected.
printf 's3cret\n' >token
chmod 600 token
awk 'BEGIN { for (i = 1; i <= 100; i++) printf "{\"%s\":%d,\"timestamp\":\"2026-07-01T00:00:%02d.%03dZ\"}\n", i == 77 ? "bad" : "v", i, i % 60, i }' >some.ndjson
stand_in() { # stand_in ANSWER…
  rm -f kept requests rejects
  : >kept
  port=$(free_port)
  "$WEIR_SOURCE/tests/support/influx-server" --port "$port" --keep kept "$@" >requests 2>&1 &
  parts_pids+=("$!")
  wait_until 20 port_open "$port"
}
write() { timeout 600 influx-load --url "http://127.0.0.1:$port" --measurement m --fields v,bad --precision ms --token-file token "$@" 2>words; }
arrived() {
  same "$1: points" "$(sort -u kept | wc -l)" 99
  same "$1: rejects" "$(jq -c '[.line, .reason]' rejects)" "[77,\"$2: partial write: field type conflict dropped=1\"]"
}
stand_in 503 429 500 cut keep-cut
write --org o --bucket 'a b' --rejects rejects some.ndjson || fail "v2: $?"
arrived v2 422
same 'the request' "$(sort -u requests)" '/api/v2/write?org=o&bucket=a%20b&precision=ms Token s3cret None'
grep -q '503: too busy; trying again' words || fail "a retry is not reported"
! grep -q s3cret words || fail "the token is shown"
stand_in
awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "{\"v\":%d,\"timestamp\":\"2026-07-01T00:%02d:%02dZ\"}\n", i, i / 60, i % 60 }' >many.ndjson
write --org o --bucket b many.ndjson || fail "many points: $?"
same 'a long request' "$(sort -u kept | wc -l) $(sort -u requests)" '3000 /api/v2/write?org=o&bucket=b&precision=ms Token s3cret gzip'
stand_in small type-500
write --db d --api v3 --no-gzip --rejects rejects some.ndjson || fail "v3: $?"
arrived v3 500
same 'the request' "$(sort -u requests)" '/api/v3/write_lp?db=d&precision=millisecond Bearer s3cret None'
for answer in 401 403 404; do
  stand_in $answer
  status=0
  write --org o --bucket b some.ndjson || status=$?
  same "$answer" "$status $(grep -c "the server answered $answer: answer $answer" words)" '1 1'
done

# A server that is slow, and SIGTERM meanwhile: the request is sent again, what waits is sent too.
head -n 20 some.ndjson >few.ndjson
stand_in slow
mkfifo records
influx-load --url "http://127.0.0.1:$port" --org o --bucket b --measurement m --fields v --timeout 2s records 2>words &
writer=$!
exec 5>records
head -n 10 few.ndjson >&5
wait_until 20 grep -q api/v2 requests
tail -n 10 few.ndjson >&5
kill -TERM $writer
wait $writer || fail "SIGTERM: $? $(cat words)"
exec 5>&-
same 'SIGTERM' "$(sort -u kept | wc -l) $(sort -u words)" '20 influx-load: no whole answer within 2s; trying again'
# Something else that answers in the server's place.
stand_in page
status=0
write --org o --bucket b few.ndjson || status=$?
same 'a page' "$status $(grep -c 'the server answered 200: <html>Please log in</html>' words)" '1 1'

# 5. With --state: kills, and the real server killed and started again meanwhile. Each point once, each refused one rejected once.
awk 'BEGIN { print "id,v,timestamp"; for (i = 1; i <= 4000; i++) printf "%d,%s,2026-07-01T%02d:%02d:%02dZ\n", i, i % 900 == 0 ? "text" : i, i / 3600, i / 60 % 60, i % 60 }' >rows.csv
kills --state s1 --kills 6 --step 2 --seed 21 --grow rows.csv rows1.csv "csv-tail --checkpoint-records 200 rows1.csv | influx-load --db weather --measurement killed --fields id:int,v" >did &
killer=$!
at_least() { [ "$(cat s1/commit 2>/dev/null || echo 0)" -ge "$1" ]; }
wait_until 60 at_least 5
restart_influx KILL
wait $killer || fail "$(cat did)"
same 'under kills' "$(ask 'select count(v), sum(v), count(id) from killed' | jq -c '.[0][1:]')" "[3996,$((4000 * 4001 / 2 - 900 - 1800 - 2700 - 3600)),3996]"
same 'rejects under kills' "$(jq -r '.raw | fromjson | .id' s1/influx-load/rejects | sort -n | xargs)" '900 1800 2700 3600'
# Readings of one identity, told apart over epochs of three rows and over restarts.
awk 'BEGIN { print "v,timestamp"; for (i = 1; i <= 400; i++) printf "%d,2026-07-01T00:%02d:%02dZ\n", i, i / 5 / 60, int(i / 5) % 60 }' >pairs.csv
kills --state s2 --kills 4 --step 2 --seed 22 --grow pairs.csv pairs1.csv "csv-tail --checkpoint-records 3 pairs1.csv | influx-load --db weather --measurement pairs --fields v --seq-tag n" >pairs.did ||
  fail "$(cat pairs.did)"
same '--seq-tag under kills' "$(ask 'select count(v), sum(v) from pairs' | jq -c '.[0][1:]')" "[400,$((400 * 401 / 2))]"
echo "$(cat did); the server killed once meanwhile: each point once"
