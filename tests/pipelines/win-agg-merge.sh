#!/usr/bin/env bash
# win-agg --partial in N processes and win-agg --merge give, byte for byte, what one win-agg gives, however records are split and rows interleaved.
# The sums are those of Python's fractions, rounded once.
# tools: win-agg pipe-merge
# labels: numpy
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
fail() { echo "FAILED: $*" >&2; exit 1; }

agg='count() as n, sum(v) as total, avg(v) as mean, min(v) as low, max(v) as high, stddev(v) as dev, var_pop(v) as spread, first(v) as f, last(v) as l,
  median(v) as mid, p95(v), distinct(k) as kinds, sum(v) if v > 0 as gain, range(v), delta(v), rate(v)'
alive=(--every 1m --by site --watermark input --agg "$agg")
options=(--every 1m --by site --lateness 5s --agg "$agg")

# Values of very different sizes, records up to five seconds out of order, some without a value; each record knows its shard.
python3 - >readings <<'END'
import json, random
random.seed(3)
at = 1767225600.0
for i in range(24000):
    at += random.random() * 0.05
    v = random.choice([random.gauss(20, 5), random.uniform(-1, 1) * 10 ** random.randint(-12, 12), round(random.uniform(0, 500), 2), 1e16, -1e16])
    record = {"timestamp": round(at - random.random() * 4.9, 3), "site": random.choice("abcde"), "v": v, "k": random.randint(0, 3000), "shard": random.randrange(7)}
    if random.random() < 0.02:
        del record["v"]
    print(json.dumps(record))
END
win-agg "${options[@]}" readings >expected
[ "$(wc -l <expected)" -gt 40 ] || fail "only $(wc -l <expected) rows"

for shards in 1 2 7; do
  rm -f share.*
  for ((k = 0; k < shards; k++)); do jq -c "select(.shard % $shards == $k)" readings | win-agg --partial "${options[@]}" >"share.$k"; done
  # One after the other, and at random.
  cat share.* | win-agg --merge "${options[@]}" >got
  cmp got expected || fail "$shards shards one after the other"
  cat share.* | shuf --random-source=<(yes "$shards") | win-agg --merge "${options[@]}" >got
  cmp got expected || fail "$shards shards at random"
  # By watermark lines alone, of which there are none.
  cat share.* | win-agg --merge "${alive[@]}" --drop-partial >got
  [ ! -s got ] || fail "rows without a watermark: $(head -n 1 got)"
done

# Hours of minutes: windows of --merge may be made of several of --partial.
win-agg --every 1h --by site --lateness 5s --agg "$agg" readings >expected_hours
cat share.* | win-agg --merge --every 1h --by site --lateness 5s --agg "$agg" >got
cmp got expected_hours || fail "hours of minutes"

# Alive: shards tell how far they are, pipe-merge passes on the least, and rows come as soon as all shards are past a window. Late records are late for
# the watermark lines of their own source, so they are the same ones in one process.
python3 - <<'END'
import json
from datetime import datetime, timezone
lines = open("readings").read().split("\n")[:-1]
outs = [open(f"source.{k}", "w") for k in range(3)]
one = open("source", "w")
seen = 0
for i, line in enumerate(lines):
    record = json.loads(line)
    for out in (outs[record["shard"] % 3], one):
        out.write(line + "\n")
    seen = max(seen, record["timestamp"])
    if i % 500 == 499:
        # Two seconds behind the greatest time, so some of the records that follow are late.
        promised = datetime.fromtimestamp(seen - 2, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        for out in (*outs, one):
            out.write('{"@ctl":"watermark","time":"%s"}\n' % promised)
END
win-agg "${alive[@]}" --late late_one <source >expected_alive
[ "$(wc -l <late_one)" -gt 20 ] || fail "only $(wc -l <late_one) late records"
share() { win-agg --partial "${alive[@]}" --watermarks --late "late.$1" "source.$1"; }
pipe-merge <(share 0) <(share 1) <(share 2) | win-agg --merge "${alive[@]}" >got 2>errors ||
  fail "alive: $(cat errors)"
cmp <(grep -v @ctl got) <(grep -v @ctl expected_alive) || fail "alive, with late records: $(diff <(grep -v @ctl got) <(grep -v @ctl expected_alive) | head -n 4)"
cmp <(jq -cS . late.? | sort) <(jq -cS . late_one | sort) || fail "other late records"

# Sums, means and deviations by fractions, each rounded once; quantiles and the rest by numpy.
cat share.* | win-agg --merge "${options[@]}" >got
/usr/bin/python3 - <<'END' || fail "other values than fractions and numpy"
import json, math, sys
from fractions import Fraction
from collections import defaultdict
import numpy as np
groups = defaultdict(list)
for line in open("readings"):
    r = json.loads(line)
    groups[(int(r["timestamp"] // 60 * 60), r["site"])].append(r)
checked = 0
for line in open("got"):
    row = json.loads(line)
    start = int(np.datetime64(row["window_start"].rstrip("Z"), "s").astype(int))
    records = groups.pop((start, row["site"]))
    values = [Fraction(r["v"]) for r in records if "v" in r]
    n = len(values)
    total = sum(values)
    mean = total / n
    squares = sum((v - mean) ** 2 for v in values)
    assert row["n"] == len(records), row
    assert row["total"] == float(total), (row["total"], float(total))
    assert row["gain"] == float(sum(v for v in values if v > 0)), row
    assert math.isclose(row["mean"], float(mean), rel_tol=1e-15), row
    assert math.isclose(row["dev"], math.sqrt(squares / (n - 1)), rel_tol=1e-14), row
    assert math.isclose(row["spread"], float(squares / n), rel_tol=1e-14), row
    if n <= 1024:
        assert math.isclose(row["mid"], float(np.quantile([float(v) for v in values], 0.5)), rel_tol=1e-12), row
    assert row["low"] == float(min(values)) and row["high"] == float(max(values)), row
    checked += 1
assert not groups, list(groups)[:3]
print(checked, "rows are those of fractions and numpy", file=sys.stderr)
END

# Rows of another --agg are rejects, which name what is missing; options that need the whole of a window are for --merge.
status=0
win-agg --merge --every 1m --by site --agg 'sum(v), max(w)' share.0 >/dev/null 2>errors || status=$?
[ $status = 1 ] && grep -q 'it has no max(w)' errors || fail "another --agg: exit $status: $(cat errors)"
status=0
win-agg --merge --every 30s --by site --agg 'sum(v)' share.0 >/dev/null 2>errors || status=$?
[ $status = 1 ] && grep -q 'begins before the one that it ends in' errors || fail "shorter windows: exit $status: $(cat errors)"
for bad in "--partial --merge --every 1m" "--partial --every 1h --size 2h" "--partial --gap 1m" "--partial --every 1m --drop-partial" "--merge --every 1m --watermark key --by site"; do
  status=0
  # shellcheck disable=SC2086
  win-agg $bad --agg 'sum(v)' readings >/dev/null 2>errors || status=$?
  [ $status = 2 ] || fail "$bad: exit $status"
done
status=0
win-agg --partial --every 1m --agg 'twa(v)' readings >/dev/null 2>errors || status=$?
[ $status = 2 ] && grep -q 'not in partials' errors || fail "twa: exit $status: $(cat errors)"
