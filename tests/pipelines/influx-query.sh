#!/usr/bin/env bash
# influx-query against InfluxDB 1.6, and against a stand-in for versions 2 and 3: what was written comes back, new rows come once.
# labels: influx
# tools: influx-query influx-load win-agg csv-append
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_influx
same() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; } # same WHAT GOT EXPECTED

# 1. What influx-load writes comes back: names and texts that need quotes, types, nanoseconds, times before 1970.
cat >odd.ndjson <<'END'
{"timestamp":"1969-12-31T23:59:58.500Z","b":false,"i":-1,"n":1e3,"t":"","tag 'one'":"°C"}
{"timestamp":"2026-07-01T00:00:00.123456789Z","b":true,"i":9007199254740993,"n":1.5,"t":"say \"hi\" \\ x; DROP","tag 'one'":"a b,c=d' OR 'a'='a"}
END
influx-load --db weather --measurement 'odd "one"; drop' --tags "tag 'one'" --fields 'n,i:int,t:string,b:bool' odd.ndjson
query() { influx-query --db weather --since 1960-01-01T00:00:00Z "$@"; }
normal() { jq -cS 'del(.measurement)' "$@"; }
same 'all rows' "$(query --measurement 'odd "one"; drop' | normal)" "$(normal odd.ndjson)"
same 'a tag with quotes' "$(query --measurement 'odd "one"; drop' --where "tag 'one'=a b,c=d' OR 'a'='a" | normal)" "$(tail -n 1 odd.ndjson | normal)"
same 'no injection' "$(query --measurement 'odd "one"; drop' --where "tag 'one'=x' OR 'a'='a")" ''

# 2. The last values of each group, and means: beside an independent computation.
awk 'BEGIN { srand(7); for (i = 0; i < 20000; i++) printf "{\"plant\":\"p%d\",\"parameter\":\"%s\",\"value\":%.2f,\"timestamp\":\"2026-07-01T%02d:%02d:%02d.%03dZ\"}\n",
  rand() * 3, rand() < 0.5 ? "ph" : "cod", rand() * 100, i / 3600, i / 60 % 60, i % 60, i % 1000 }' >rows.ndjson
influx-load --db water --measurement water_quality --tags plant,parameter --fields value --precision ms rows.ndjson
water() { influx-query --db water --measurement water_quality --since 2026-07-01T00:00:00Z "$@"; }
normal() { jq -cS 'del(.measurement) | .timestamp |= (sub("Z";"") + (if test("\\.") then "" else ".000" end))' "$@" | sort; }
water | normal >got
normal rows.ndjson | cmp - got || fail "20000 rows do not come back"
same 'last' "$(water --last --by plant,parameter | normal)" \
  "$(jq -cs 'group_by([.plant,.parameter])[] | max_by(.timestamp)' rows.ndjson | normal)"
water --where parameter=ph --fields value --by plant --mean 1m --until 2026-07-01T02:00:00Z |
  jq -r '[.timestamp,.plant,(.value*1e6|round)] | join(" ")' | sort >means
jq -r 'select(.parameter == "ph" and .timestamp < "2026-07-01T02") | [.timestamp[0:16],.plant,.value] | join(" ")' rows.ndjson |
  awk '{ n[$1 ":00Z " $2]++; s[$1 ":00Z " $2] += $3 } END { for (k in n) printf "%s %.0f\n", k, s[k] / n[k] * 1e6 }' | sort | cmp - means || fail "means"
[ "$(wc -l <means)" -gt 300 ] || fail "no means"

# 3. Errors: of the query, in the middle of an answer, of a reader that is slow.
status=0
influx-query --db water --influxql 'SELECT * FROM water_quality LIMIT 3; SELECT nope(value) FROM water_quality' >got 2>words || status=$?
same 'an error in the middle' "$status $(wc -l <got) $(cat words)" \
  '1 3 influx-query: the server reports: undefined function nope() (3 rows of the answer came before it)'
status=0
influx-query --db water --influxql 'SELECT * FORM x' 2>words || status=$?
same 'a wrong query' "$status $(grep -c 'answered 400: error parsing query' words)" '1 1'
same 'a reader that goes' "$(water | sed -n '3{p;q}' | jq -r .measurement)" water_quality

# 4. New rows, each once: late ones within the lateness, of equal times, while the server is killed and the reader too.
batch() { # batch NUMBER: 40 rows of one second, ten of them of the same time, and one that is 20 s late
  local at=$((1782900000 + $1 * 30))
  seq 1 40 | awk -v n="$1" -v at="$at" '{ printf "{\"id\":\"r%d-%d\",\"v\":%d,\"t\":%d}\n", n, $1, $1, ($1 == 40 ? at - 20 : at) * 1000 + ($1 <= 10 ? 0 : $1) }' |
    influx-load --db water --measurement live --tags id --fields v --time t --time-unit ms --precision ms
}
follow() {
  influx-query --db water --measurement live --since 2026-07-01T00:00:00Z --every 20ms --settle 50ms --lateness 1m --count 800 --checkpoint-every 50ms --state s |
    csv-append --state s live.csv
}
# The reader is killed after a while. Every other one lives until a row has come: a start may take longer than that while on a busy machine.
follow_and_die() {
  local had end
  trap kill_group TERM
  for ((kills = 0; ; kills++)); do
    had=$(wc -l <live.csv)
    run_group "$(declare -f follow); follow 2>>kills.log"
    end=${parts_groups[-1]}
    sleep "0.$((RANDOM % 5 + 2))"
    while ((kills % 2)) && group_alive "$end" && [ "$(wc -l <live.csv)" = "$had" ]; do sleep 0.05; done
    if ! kill -KILL "$end" 2>/dev/null; then
      wait "$end" && break
      fail "the reader has ended by itself: $(tail -n 3 kills.log)"
    fi
    kill_group
  done
  echo "$kills" >kills
}
touch live.csv
follow_and_die 2>die.log &
reader=$!
parts_pids+=("$reader")
arrived() { [ "$(grep -c 'r[0-9]' live.csv 2>/dev/null || true)" -ge "$1" ]; }
for number in $(seq 0 19); do
  batch "$number"
  [ "$number" -ne 10 ] || restart_influx KILL
  wait_until 60 arrived $((number * 40 + 40))
done
wait $reader || fail "the reader: $(tail -n 3 die.log)"
same 'new rows' "$(grep -c 'r[0-9]' live.csv) $(grep -o 'r[0-9]*-[0-9]*' live.csv | sort -u | wc -l)" '800 800'

# 5. Version 2: typed rows of annotated CSV, Retry-After, errors in the middle, cut answers.
printf 's3cret\n' >token
chmod 600 token
stand_in() { # stand_in: with the answers in the folder answers
  port=$(free_port)
  "$WEIR_SOURCE/tests/support/influx-server" --port "$port" --queries answers >requests 2>&1 &
  parts_pids+=("$!")
  wait_until 20 port_open "$port"
}
answers() { rm -rf answers; mkdir answers; }
ask() { status=0; timeout 600 influx-query --url "http://127.0.0.1:$port" --token-file token --since 2026-07-01T00:00:00Z "$@" >got 2>words || status=$?; }
table() { # table TIME VALUE…
  printf '#datatype,string,long,dateTime:RFC3339,string,double,long,boolean\r\n#group,false,false,false,true,false,false,false\r\n#default,_result,,,,,,\r\n'
  printf ',result,table,_time,_measurement,value,n,ok\r\n'
  while [ $# -gt 0 ]; do printf ',,0,%s,m,%s,7,true\r\n' "$1" "$2"; shift 2; done
  printf '\r\n'
}
answers
echo '{"code":"too many requests","message":"slow down"}' >answers/1.429
table 2026-07-01T00:00:01Z 1.5 2026-07-01T00:00:02.000000001Z NaN >answers/2.200
stand_in
ask --org 'my org' --bucket 'b"1' --measurement 'm"' --where 'plant=p") |> drop() //${x}'
same 'v2' "$status $(cat got)" '0 {"timestamp":"2026-07-01T00:00:01Z","measurement":"m","value":1.5,"n":7,"ok":true}
{"timestamp":"2026-07-01T00:00:02.000000001Z","measurement":"m","n":7,"ok":true}'
same 'v2: messages' "$(cat words)" 'influx-query: 429: slow down; trying again
influx-query: 1 value left out: JSON has no NaN and no infinity'
same 'v2: the request' "$(tail -n 1 requests | sed 's/ {.*//') $(tail -n 1 requests | sed 's/[^{]*//' | jq -r '.type, .dialect.annotations[0], .query' | sed 's/stop: [^)]*/stop: …/')" \
  '/api/v2/query?org=my%20org Token s3cret flux
datatype
from(bucket: "b\"1") |> range(start: 2026-07-01T00:00:00Z, stop: …) |> filter(fn: (r) => r["_measurement"] == "m\"" and r["plant"] == "p\") |> drop() //\${x}") |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group() |> sort(columns: ["_time"])'
answers
{ table 2026-07-01T00:00:01Z 1; printf '#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,memory allocation limit reached,576\r\n'; } >answers/1.200
stand_in
echo 'from(bucket: "b") |> range(start: {since})' >q.flux
ask --org o --bucket b --flux q.flux
same 'v2: an error in the middle' "$status $(wc -l <got) $(cat words)" \
  '1 1 influx-query: the server reports: memory allocation limit reached (1 row of the answer came before it)'
same 'v2: a query of its own' "$(sed 's/[^{]*//' requests | jq -r .query)" 'from(bucket: "b") |> range(start: 2026-07-01T00:00:00Z)'
answers
table 2026-07-01T00:00:01Z 1 >answers/1.cut
stand_in
ask --org o --bucket b --measurement m
same 'v2: a cut answer' "$status $(wc -l <got) $(cat words)" \
  '1 1 influx-query: the answer broke off: the connection broke off in the middle of the answer (1 row of the answer came before it)'
answers
table 2026-07-01T00:00:01Z 1 >answers/1.cut
table 2026-07-01T00:00:01Z 1 2026-07-01T00:00:01Z 2 2026-07-01T00:00:03Z 3 >answers/2.200
stand_in
ask --org o --bucket b --measurement m --every 10ms --count 3
same 'v2: a cut answer, with --every' "$status $(jq -c .value got | xargs)" '0 1 2 3'
answers
table 2026-07-01T00:00:01Z 1 >answers/1.slow
stand_in
ask --org o --bucket b --measurement m --timeout 3s
same 'v2: a server that falls silent' "$status $(wc -l <got) $(cat words)" \
  '1 1 influx-query: the answer broke off: nothing has come for 3s (1 row of the answer came before it)'

# 6. Version 3: lines, SQL with quotes; answers that are not the server's.
answers
printf '%s\n' '{"time":"2026-07-01T00:00:00.5","plant":"p1","value":7.0,"n":18446744073709551615}' '{"time":"2026-07-01T00:00:01","value":null,"@ctl":1}' >answers/1.200
stand_in
ask --db d --api v3 --measurement 'm"' --where "plant=p'; DROP TABLE m; --"
same 'v3' "$status $(cat got)" '0 {"timestamp":"2026-07-01T00:00:00.500Z","plant":"p1","value":7.0,"n":18446744073709551615}
{"timestamp":"2026-07-01T00:00:01Z","@ctl_1":1}'
same 'v3: the request' "$(sed 's/ {.*//' requests) $(sed 's/[^{]*//' requests | jq -r '.db, .format, .q' | sed "s/ < TIMESTAMP '[^']*'/ < …/")" "/api/v3/query_sql Bearer s3cret d
jsonl
SELECT * FROM \"m\"\"\" WHERE time >= TIMESTAMP '2026-07-01T00:00:00Z' AND time < … AND \"plant\" = 'p''; DROP TABLE m; --' ORDER BY time"
answers
echo '<html><body>Bad gateway s3cret</body></html>' >answers/1.200
stand_in
ask --db d --api v3 --sql 'select 1'
same 'v3: HTML' "$status $(cat words)" '1 influx-query: line 1 of the answer is not a JSON object: <html><body>Bad gateway ***</body></html>'
answers
echo '{"error":"Error during planning: table not found"}' >answers/1.400
stand_in
ask --db d --api v3 --influxql 'select 1'
same 'v3: an error' "$status $(cat words)" '1 influx-query: the server answered 400: Error during planning: table not found'
! grep -q s3cret words || fail "the token is shown"
echo "influx-query: 20000 rows back, 800 new rows once each over $(cat kills) kills and a killed server, versions 2 and 3 by a stand-in"
