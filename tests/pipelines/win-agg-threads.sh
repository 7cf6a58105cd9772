#!/usr/bin/env bash
# win-agg --threads N gives, byte for byte, what one thread gives: rows, late records, rejects, messages, counts, exit status. Over large files of
# good and bad lines with many option sets, files of odd shapes, pipes that come in small pieces, all golden cases, a model, and kills with --state.
# tools: win-agg win-delta csv-tail csv-append
# timeout: 900
# shellcheck disable=SC2002 # cat makes a pipe of a file
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
fail() { echo "FAILED: $*" >&2; exit 1; }

# A folder of tools in which win-agg has --threads N.
with_threads() { # with_threads N
  mkdir -p "$PARTS/threads-$1/bin"
  [ -e "$PARTS/threads-$1/tests" ] || ln -s "$(dirname "$WEIR_BIN")/tests" "$PARTS/threads-$1/tests"
  ln -sf "$WEIR_BIN"/* "$PARTS/threads-$1/bin/"
  rm "$PARTS/threads-$1/bin/win-agg"
  # An argument `--` would end options, so it stands first.
  printf '#!/bin/sh\nexec "%s/win-agg" --threads %s "$@"\n' "$WEIR_BIN" "$1" >"$PARTS/threads-$1/bin/win-agg"
  chmod +x "$PARTS/threads-$1/bin/win-agg"
  echo "$PARTS/threads-$1/bin"
}

# Some 2.5 MB, so ten blocks: records of two shapes and of a changing one, values that are missing, null, no numbers or escaped, bad lines of all
# kinds, watermark lines, lines that are longer than a block, times out of order, late, and far ahead.
/usr/bin/python3 - >mixed <<'END'
import json, random
random.seed(5)
at = 1767225600.0
kinds = ["on", "off", "caf\u00e9", "a \"quoted\" word", 3, None, True, [1], {"o": 1}]
for i in range(24000):
    at += random.random() * 0.5
    t = at - random.random() * random.choice([1, 1, 4, 40])
    if random.random() < 0.0005:
        t += 86400 * 400
    dice = random.random()
    if dice < 0.0004:
        print('{"timestamp":%.3f,"site":"a","v":1,"note":"%s"}' % (t, "x" * random.choice([2000, 70000, 300000])))
        continue
    if dice < 0.003:
        print(random.choice(['{"timestamp":1767225600,"v":', "", "  ", "[1,2]", "7", '{"v":1}', '{"timestamp":"soon","v":2}', "\x01", '{"timestamp":1767225601,"v":nope}',
                             '{"@ctl":"new","x":1}', '{"@ctl":"watermark"', '{"timestamp":1767225602,"site":{"a":1},"v":3}', '{"timestamp":1767225603} {"v":2}']))
        continue
    if dice < 0.0045:
        from datetime import datetime, timezone
        print('{"@ctl":"watermark","time":"%s"}' % datetime.fromtimestamp(int(at) - 20, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
        continue
    record = {"timestamp": round(t, 3), "site": random.choice(["a", "b", "c", "long name of a site in the north", None, 7, "\u00e4"]), "v": random.choice([round(random.gauss(20, 5), 2), random.randrange(50)])}
    if random.random() < 0.1:
        record["kind"] = random.choice(kinds)
    if random.random() < 0.02:
        record["v"] = random.choice([None, "broken", 1e300, 123456789012345678901234567890])
    if random.random() < 0.02:
        del record["v"]
    if random.random() < 0.05:
        record = {"w": i % 90, **record, "more": random.random()}
    if random.random() < 0.002:
        record = {k: record[k] for k in sorted(record, key=lambda _: random.random())}
    print(json.dumps(record))
END
[ "$(wc -c <mixed)" -gt 2000000 ] || fail "the data have only $(wc -c <mixed) bytes"
printf '\xef\xbb\xbf' | cat - mixed | head -c -1 >marked  # a byte order mark, and a last line without its newline
grep -v '^[[:space:]]*$' mixed | awk '{ printf "%s\r\n", $0 }' >returns
head -c 262144 mixed >one-block
head -c 262145 mixed >and-one
head -c 524288 mixed >two-blocks
yes '{"timestamp":1767225600,"site":"a","v":1}' | head -c 1200000 >same || true
: >empty
printf '\n' >newline
printf '{"timestamp":1767225600,"v":1}' >one-line
/usr/bin/python3 -c 'print("x" * 900000); print("{\"timestamp\":1767225600,\"site\":\"a\",\"v\":1}"); print("y" * 262143); print("z" * 1200000, end="")' >long

# run N OUT ARG…: everything that comes out, and standard input from a file of that name.
run() {
  local threads=$1 out=$2 status=0
  shift 2
  rm -rf "$out" && mkdir "$out"
  (cd "$out" && win-agg --threads "$threads" "$@" >rows 2>messages) || status=$?
  echo "$status" >"$out/status"
}
same() { # same WHAT: OUT of one thread is in `one`, that of N in `many`
  diff -r one many >difference 2>&1 || fail "$1: $(head -c 2000 difference)"
}
sides=(--late late --rejects rejects --stats)
aggregates='count() as n, count(v), sum(v), avg(v), min(v), max(v), first(v), last(v), stddev(v), median(v), distinct(kind), last(kind), twa(v), increase(w),
  count(v > 20) as above, sum(w) if v <= 20 as low'
sets=(
  "--every 1m --by site --lateness 5s --agg AGG"
  "--every 1m --by site --agg AGG"
  "--every 1m --by site"
  "--every 5m --agg last(*),sum(*)"
  "--every 1m --by site,kind --lateness 2s --allow-late 1m --late-copy copies --agg AGG"
  "--size 5m --every 1m --by site --lateness 5s --agg AGG"
  "--size 5m --every 1m --by site --allow-late 2m --early 30s --agg sum(v)"
  "--gap 10s --by site --lateness 5s --agg AGG"
  "--gap 2s --max-length 30s --by site --allow-late 20s --agg count()_as_n"
  "--count 70 --by site --agg AGG"
  "--every 1m --by site --watermark key --lateness 3s --agg AGG"
  "--every 1m --by site --watermark key --max-keys 3 --agg avg(v)"
  "--every 1m --by site --watermark input --agg AGG"
  "--every day --tz Europe/Athens --local date,hour --by hour_of_day,site --agg AGG"
  "--every 1m --closed right --origin 7s --by site --max-future 1h --watermarks --agg AGG"
  "--every 1m --by site --max-keys 3 --fill 3 --agg twa(v)_carry,avg(v)"
  "--every 1m --by site --having n>10 --top 2 --agg count()_as_n,max(v)"
  "--every 1m --by site --partial --lateness 5s --agg sum(v),min(v),median(v),distinct(kind),count(v>20)_as_above"
  "--every 1m --by site --strict-json --max-line 1000 --agg AGG"
  "--every 1m --by site --max-fields 2 --drop-partial"
  "--every 1m --by nowhere --agg sum(nothing)"
)
sets_run=0
for set in "${sets[@]}"; do
  args=()
  read -ra words <<<"$set"
  for word in "${words[@]}"; do
    word=${word//_/ }
    [ "$word" != AGG ] || word=$aggregates
    case $word in "hour of day,site") word=hour_of_day,site ;; esac
    args+=("$word")
  done
  run 1 one "${sides[@]}" "${args[@]}" ../mixed
  [ -s one/rows ] && [ "$(cat one/status)" != 2 ] || fail "$set: exit $(cat one/status), $(head -n 3 one/messages)"
  for threads in 2 3 8; do
    run $threads many "${sides[@]}" "${args[@]}" ../mixed
    same "$set, $threads threads"
  done
  # From a pipe, where messages name no file.
  cat mixed | run 3 many "${sides[@]}" "${args[@]}"
  run 1 one "${sides[@]}" "${args[@]}" <mixed
  same "$set, from a pipe"
  sets_run=$((sets_run + 1))
done
grep -q 'nowhere' one/messages || fail "a field that no record has: $(cat one/messages)"
echo "$sets_run option sets"
[ -s one/rejects ] || fail "no rejects"
usual=(--every 1m --by site --lateness 5s --agg "$aggregates")

# Rows of --partial, merged.
win-agg --partial --every 1m --by site --lateness 5s --late drop --agg 'sum(v), median(v), distinct(kind)' mixed >partials 2>/dev/null || true
for _ in 1 2 3 4 5 6; do cat partials; done >many-partials
[ "$(wc -c <many-partials)" -gt 600000 ] || fail "only $(wc -c <many-partials) bytes of partial rows"
merge=(--merge --every 5m --by site --agg 'sum(v), median(v), distinct(kind)')
run 1 one "${merge[@]}" ../many-partials
for threads in 2 8; do
  run $threads many "${merge[@]}" ../many-partials
  same "merged, $threads threads"
done

# Files of odd shapes, with a byte order mark, with other ends of lines, several of them, and standard input that is a file of which a part has been read.
for files in marked returns one-block and-one two-blocks same empty newline one-line long "empty mixed one-line two-blocks long" "one-line one-line marked"; do
  paths=()
  for file in $files; do paths+=("../$file"); done
  run 1 one "${sides[@]}" "${usual[@]}" "${paths[@]}"
  for threads in 2 8; do
    run $threads many "${sides[@]}" "${usual[@]}" "${paths[@]}"
    same "$files, $threads threads"
  done
  for file in $files; do cat "$file" | run 2 many "${sides[@]}" "${usual[@]}" - && cat "$file" | run 1 one "${sides[@]}" "${usual[@]}" - && same "$file through a pipe"; done
done
for threads in 1 4; do
  { head -n 20 >/dev/null; win-agg --threads $threads "${usual[@]}" --late drop - 2>messages; cat; } <mixed >after.$threads || true
done
cmp after.1 after.4 || fail "standard input that has been read in part"

# --strict ends at the first bad line, with the rows before it.
run 1 one --strict "${usual[@]}" ../mixed
run 3 many --strict "${usual[@]}" ../mixed
same "--strict"
[ "$(cat one/status)" = 1 ] || fail "--strict: exit $(cat one/status)"

# Pipes in pieces: each piece is written when the one before has been read, so reading ends in the middle of lines.
pieces() {
  /usr/bin/python3 -c 'import os, random, sys, time
random.seed(int(sys.argv[1])); data = open(sys.argv[2], "rb").read()[:120000]; at = 0
while at < len(data):
    size = random.choice([1, 7, 100, 5000, 40000]); os.write(1, data[at:at + size]); at += size
    if random.random() < 0.3: time.sleep(0.002)' "$1" "$2"
}
for seed in 1 2 3; do
  head -c 120000 mixed | run 1 one "${sides[@]}" "${usual[@]}"
  pieces $seed mixed | run 2 many "${sides[@]}" "${usual[@]}"
  same "in pieces, seed $seed"
done

# A trickle: the row of a window comes while the input is still open.
mkfifo trickle
win-agg --threads 4 --every 1m --agg 'count() as n' <trickle >row 2>/dev/null &
parts_pids+=($!)
exec 7>trickle
printf '{"timestamp":"2026-01-01T00:00:0%dZ"}\n' 1 2 3 >&7
printf '{"timestamp":"2026-01-01T00:01:00Z"}\n{"timestamp"' >&7
has_row() { [ -s row ]; }
wait_until 30 has_row
grep -q '"n":3' row || fail "the row of a trickle: $(cat row)"
exec 7>&-
wait "${parts_pids[-1]}" || true

# An input that cannot be read, and a number of threads that cannot be.
status=0
win-agg --threads 2 --every 1m --agg 'count()' <. >/dev/null 2>messages || status=$?
[ $status = 1 ] && grep -q 'reading the input: Is a directory' messages || fail "a folder as input: exit $status, $(cat messages)"
for bad in 0 65 x; do
  status=0
  win-agg --threads $bad --every 1m --agg 'count()' mixed >/dev/null 2>messages || status=$?
  [ $status = 2 ] && grep -q -e '--threads' messages || fail "--threads $bad: exit $status, $(cat messages)"
done

# All that other tests have to say of one thread.
for threads in 2 3; do
  bin=$(with_threads $threads)
  WEIR_BIN=$bin "$WEIR_SOURCE/tests/support/run-cases" win-agg || fail "golden cases with $threads threads"
done
PATH=$bin:$PATH PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$WEIR_SOURCE/tests/support/win-agg-model" --streams 40
env -u PARTS WEIR_BIN="$bin" "$WEIR_SOURCE/tests/contract/state" win-agg || fail "kills with --state"
