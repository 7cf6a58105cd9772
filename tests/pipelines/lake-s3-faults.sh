#!/usr/bin/env bash
# lake-load into a bucket whose server fails: 503, 409, no answers, half answers, before and after the request was carried out. Tables are those
# of a disk. Stages and the server are killed at drawn points, and each row is there once. A server without If-None-Match is refused; of two
# copies of a pipeline one is fenced; a strange partition makes a strange key; keys that are too long are rejected.
# labels: lake
# tools: lake-load csv-tail
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
fail() { echo "FAILED: $*" >&2; exit 1; }
export AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY='the secret' AWS_SESSION_TOKEN='the token'
port=$(free_port)
export AWS_ENDPOINT_URL=http://127.0.0.1:$port
# serve [OPTION…]: the server on its port, with the objects in the folder bucket.
serve() { serve_process server.log "$port" "$WEIR_SOURCE/tests/support/s3-server" --port "$port" --folder bucket --page 3 "$@"; }
# Prints the rows of a table in the bucket by its files as objects of the stand-in.
rows() {
  rm -rf plain
  "$WEIR_SOURCE/tests/support/s3-objects" bucket "$1" plain
  "$(python_with "$(cat "$WEIR_SOURCE/cmake/pyarrow.txt")")" "$WEIR_SOURCE/tests/support/lake-rows" "plain/$1" | sort
}
for ((i = 0; i < 3000; i++)); do printf '{"n":%d,"site":"%s"}\n' "$i" "$((i % 5)) ü/=%&+..:"; done >in.ndjson

# Servers that let two writers overwrite each other.
for option in --lax --not-implemented; do
  serve $option
  status=0
  lake-load s3://bucket/lax in.ndjson 2>lax.err || status=$?
  [ "$status" = 2 ] && grep 'does not honour If-None-Match' lax.err >/dev/null || fail "$option: $status, $(cat lax.err)"
  end_process "$served"
  rm -rf bucket
done

# A slow server: what did not answer in time has carried out the request all the same.
serve --delay 0.2
lake-load s3://bucket/slow --delta --timeout 50ms in.ndjson 2>slow.err
grep 'no whole answer within' slow.err >/dev/null || fail "the server was not slow: $(cat slow.err)"
[ "$(rows slow | wc -l)" = 3000 ] || fail "rows of a slow server: $(rows slow | wc -l)"
end_process "$served"

# The same files as on a disk, whatever the server does in between.
serve --faults 1 --rate 0.3
for kind in '' --delta; do
  # shellcheck disable=SC2206
  options=($kind --partition 'site={site}' --roll-rows 200 --delta-checkpoint-every 1)
  lake-load disk$kind "${options[@]}" <in.ndjson
  lake-load disk$kind "${options[@]}" <in.ndjson
  lake-load "s3://bucket/a b/table$kind" "${options[@]}" <in.ndjson 2>faults.err
  lake-load "s3://bucket/a b/table$kind" "${options[@]}" <in.ndjson 2>>faults.err
  grep 'trying again' faults.err >/dev/null || fail "no fault was met: $(cat faults.err)"
  if grep -e 'the secret' -e 'the token' faults.err; then fail "a secret was shown"; fi
  rows "a b/table$kind" >found
  "$(python_with "$(cat "$WEIR_SOURCE/cmake/pyarrow.txt")")" "$WEIR_SOURCE/tests/support/lake-rows" disk$kind | sort | diff - found >/dev/null || fail "the table differs from that of a disk"
  [ "$(wc -l <found)" = 6000 ] || fail "$kind: $(wc -l <found) rows"
  (cd "plain/a b/table$kind" && find . -name '*.parquet' | grep -v _delta_log | sort) >names
  (cd disk$kind && find . -name '*.parquet' | grep -v _delta_log | sort) | diff - names || fail "the names of files differ"
done
grep '^PUT .*/site%3D0%2520%C3%BC%252F%253D%2525%26%2B..%253A/part-load-0000000001.parquet' server.log >/dev/null || fail "the key of a strange partition is another"

seq 300000 | sed 's/.*/{"n":&}/' >large.ndjson
lake-load s3://bucket/large --format ndjson large.ndjson 2>>faults.err
"$WEIR_SOURCE/tests/support/s3-objects" bucket large plain
cmp large.ndjson plain/large/part-load-0000000001.ndjson

# A file in parts, whatever the server does in between; no parts are left.
seq 1000000 | sed 's/.*/{"n":&,"x":1}/' >parts.ndjson # 18.9 MB
for seed in 2 3 4; do
  end_process "$served"
  rm -rf bucket bucket.uploads
  serve --faults "$seed" --rate 0.4
  lake-load s3://bucket/parts --format ndjson --s3-part-size 5M parts.ndjson 2>parts.err
  "$WEIR_SOURCE/tests/support/s3-objects" bucket parts plain
  cmp parts.ndjson plain/parts/part-load-0000000001.ndjson
  [ -z "$(ls bucket.uploads)" ] || fail "uploads are left: $(head -n 1 bucket.uploads/*/head)"
done
grep '^PUT .*partNumber=4&' server.log >/dev/null || fail "the file was not put in parts"
# Those of an earlier run are aborted by the next one of that name, those of others are not.
end_process "$served"
serve
for key in parts/part-load-0000000007.ndjson parts/part-load-more-0000000007.ndjson parts/x=1/part-load-0000000008.parquet other/part-load-0000000007.ndjson; do
  curl -sSf -X POST "$AWS_ENDPOINT_URL/bucket/$key?uploads=" >/dev/null
done
lake-load s3://bucket/parts --format ndjson 2>earlier.err <<<'{"n":1}'
grep '2 uploads aborted, which an earlier run has not completed' earlier.err >/dev/null || fail "leftovers: $(cat earlier.err)"
[ "$(head -qn 1 bucket.uploads/*/head | sort | paste -sd' ')" = 'other/part-load-0000000007.ndjson parts/part-load-more-0000000007.ndjson' ] ||
  fail "uploads that are left: $(head -qn 1 bucket.uploads/*/head)"
rm -rf bucket.uploads
# Killed while it puts parts, its next run puts the whole.
serve_off() { end_process "$served"; serve "$@"; }
serve_off --faults 5 --rate 0.1
tailed() { csv-tail --state parts.state --checkpoint-records 20000 parts.csv | lake-load --state parts.state --pipe parts s3://bucket/tailed --format ndjson --s3-part-size 5M --roll-rows 80000; }
seq 200000 | sed "s/.*/&,$(printf 'x%.0s' {1..80})/; 1i n,x" >parts.csv # 8 MB a file
drawn=3
for ((kill = 0; kill < 8; kill++)); do
  run_group "$(declare -f tailed); tailed 2>>tailed.err"
  drawn=$(((drawn * 1103515245 + 12345) % 2147483648))
  sleep "$((drawn / 65536 % 3)).$((drawn / 1024 % 10))"
  kill_group
done
tailed 2>>tailed.err || fail "the last run: $(tail -n 5 tailed.err)"
"$WEIR_SOURCE/tests/support/s3-objects" bucket tailed plain
cat plain/tailed/*.ndjson | jq -r .n | cmp - <(seq 200000) || fail "rows of files in parts"
grep '^PUT .*tailed/.*partNumber=2&' server.log >/dev/null || fail "the files were not put in parts"
[ -z "$(ls bucket.uploads)" ] || fail "uploads are left after kills: $(head -n 1 bucket.uploads/*/head)"
serve_off --faults 1 --rate 0.3

# Stages and the server are killed, and started again.
echo n >in.csv
seq 20000 >>in.csv
run() { csv-tail --state state --checkpoint-records 100 in.csv | lake-load --state state --pipe pipe s3://bucket/state "$@" --roll-rows 150; }
drawn=7
next() { drawn=$(((drawn * 1103515245 + 12345) % 2147483648)); }
for kind in '' --delta; do
  rm -rf state bucket
  for ((kill = 0; kill < 12; kill++)); do
    run_group "$(declare -f run); run $kind 2>>run.err"
    next
    sleep "0.$((drawn / 65536 % 8))$((drawn / 1024 % 10))"
    if [ $((kill % 3)) = 0 ]; then
      kill -9 "$served"
      wait "$served" 2>/dev/null || true
      serve --faults "$kill" --rate 0.05
    fi
    kill_group
  done
  run $kind 2>>run.err || fail "the last run: $(tail -n 5 run.err)"
  rows state | jq .n | sort -n >found
  seq 20000 | diff - found >/dev/null || fail "$kind: $(wc -l <found) rows, $(sort -u found | wc -l) of them different"
done

# A copy of the state on another machine: whoever commits first goes on, the other one is fenced.
cp -r state copy
seq 20001 20400 >>in.csv
run --delta 2>>run.err
status=0
csv-tail --state copy --checkpoint-records 100 in.csv | lake-load --state copy --pipe pipe s3://bucket/state --delta --roll-rows 150 2>copy.err || status=$?
[ "$status" = 3 ] && grep 'another run has taken over; give another --name' copy.err >/dev/null || fail "the copy: $status, $(cat copy.err)"
[ "$(rows state | wc -l)" = 20400 ] || fail "the copy has written"
# Two writers of one name at once: the one that commits second ends, and none of its files is there. Without faults: the first is to
# have listed the commits before the second begins.
kill -9 "$served"
wait "$served" 2>/dev/null || true
serve
mkfifo late
lake-load s3://bucket/two <late 2>late.err &
parts_pids+=("$!")
late=$!
exec 3>late
wait_until 20 grep 'GET .*prefix=two' server.log
lake-load s3://bucket/two --partition 'p=1' in.ndjson 2>>run.err
echo '{"n":1}' >&3
exec 3>&-
status=0
wait "$late" || status=$?
[ "$status" = 1 ] && grep 'another writer uses the name load' late.err >/dev/null || fail "the second of two writers: $status, $(cat late.err)"
[ "$(rows two | wc -l)" = 3000 ] || fail "the second writer has written"
# The state is lost.
status=0
csv-tail --state lost in.csv | lake-load --state lost --pipe pipe s3://bucket/state --delta --roll-rows 150 2>lost.err || status=$?
[ "$status" = 3 ] || fail "a lost state: $status, $(cat lost.err)"

# A server that is away ends the run after --retry-for; a key that is too long costs its record alone.
long=$(printf 'x%.0s' {1..190})
printf '{"a":"%s","b":"%s","c":"%s","d":"%s","e":"%s","f":"%s"}\n' $long $long $long $long $long $long >long.ndjson
echo '{"a":"1","b":"1","c":"1","d":"1","e":"1","f":"1","v":1}' >>long.ndjson
status=0
lake-load s3://bucket/long --partition 'a={a}/b={b}/c={c}/d={d}/e={e}/f={f}' --rejects long.rejects long.ndjson 2>>run.err || status=$?
[ "$status" = 0 ] && [ "$(jq -r .reason long.rejects)" = 'the partition is too long for the key of an object' ] || fail "a long key: $status, $(cat long.rejects)"
end_process "$served"
status=0
lake-load s3://bucket/away --retry-for 500ms in.ndjson 2>away.err || status=$?
[ "$status" = 1 ] && grep 'no answer for 500ms' away.err >/dev/null || fail "a server that is away: $status, $(cat away.err)"
