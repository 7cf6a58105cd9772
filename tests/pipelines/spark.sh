#!/usr/bin/env bash
# examples/spark: windows of a lake by win-agg in Spark are, sorted, byte for byte those of the stream, from lines and from Parquet, with more
# partitions than keys. A filter that fails, is killed, stops reading or is missing fails the job and leaves no rows as if all were well; one that
# fails once is tried again, and nothing comes twice. Spark finds the types and rows of the lake, and reads no other partitions than it needs.
# labels: spark
# asked: spark
# tools: sensor-sim lake-load win-agg
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with pyspark==4.3.0)
fail() { echo "FAILED: $*" >&2; exit 1; }
sensor-sim --sensors 5 --every 10s --count 6000 --seed 3 >readings
windows=(win-agg --every 10m --watermark key --drop-partial --by sensor --agg 'count() as n, avg(value) as mean, max(value) as peak, last(value) as latest')
"${windows[@]}" readings | sort >expected
[ "$(wc -l <expected)" = "$(jq -s 'group_by(.sensor) | map((.[-1].timestamp | fromdate) - 1767225600) | map(. / 600 | floor) | add' readings)" ] ||
  fail "the stream has $(wc -l <expected) windows"
lake-load lines --format ndjson --partition 'dt={timestamp:%F}/hour={timestamp:%H}' readings
lake-load table --partition 'dt={timestamp:%F}/hour={timestamp:%H}' --type 'value=decimal(9,2)' readings
cp -r table damaged
[ "$(find lines -name 'part-*' | wc -l)" -gt 3 ] || fail "the lake has few partitions: $(find lines)"

# Commands that are not as they should be.
mkdir commands
cat >commands/fails-once <<END
#!/bin/sh
mkdir "$PARTS/tried" 2>/dev/null && { head -n 5; echo "this time it fails" >&2; exit 4; }
exec cat
END
cat >commands/fails-late <<'END'
#!/bin/sh
cat
echo 'the disk is full' >&2
exit 7
END
cat >commands/dies <<'END'
#!/bin/sh
head -n 2
kill -9 $$
END
chmod +x commands/*

cat >job.py <<'PYTHON'
import json, os, pathlib, sys
from decimal import Decimal
from pyspark.sql import SparkSession, functions as F

example, tests = sys.argv[1:]
sys.path.insert(0, example)
import weir_spark

# Three tries of a task, two at a time.
spark = (SparkSession.builder.master("local[2,3]").config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1")
         .config("spark.driver.bindAddress", "127.0.0.1").config("spark.sql.session.timeZone", "UTC").getOrCreate())
spark.sparkContext.setLogLevel("OFF")
spark.sparkContext.addPyFile(example + "/weir_spark.py")
wanted = open("expected").read().rstrip("\n").split("\n")
command = open("command").read().rstrip("\0").split("\0")
for form, lake in ("ndjson", "lines"), ("parquet", "table"):
    lines = weir_spark.together(weir_spark.lines_of(spark, lake, form), "sensor", "timestamp", 7)
    parts = weir_spark.pipe(lines, command).glom().collect()
    assert sorted(row for part in parts for row in part) == wanted, f"{form}: other rows than the stream's"
    assert len(parts) == 7 and [] in parts, "no partition is empty, which should be tried"
raw = weir_spark.lines_of(spark, "lines", "ndjson").rdd.map(lambda row: row.value)
assert sorted(raw.collect()) == sorted(open("readings").read().rstrip("\n").split("\n")), "the lines are not as they came"

# The lake as Spark reads it: types, rows, and no other files than those of the partitions that are asked for.
table = spark.read.parquet("damaged")
assert dict(table.dtypes) == {"timestamp": "timestamp", "sensor": "string", "parameter": "string", "value": "decimal(9,2)", "dt": "date", "hour": "int"}, table.dtypes
records = [json.loads(line, parse_float=str, parse_int=str) for line in open("readings")]
of_records = sorted((each["timestamp"], each["sensor"], each["parameter"], Decimal(each["value"])) for each in records)
of = lambda rows: sorted((row.time, row.sensor, row.parameter, row.value) for row in rows)
table = table.withColumn("time", F.date_format("timestamp", "yyyy-MM-dd'T'HH:mm:ss'Z'"))
assert of(table.collect()) == of_records, "other rows"
for name in pathlib.Path("damaged/dt=2026-01-01").glob("hour=*/*.parquet"):
    if name.parent.name not in ("hour=1", "hour=01"):
        name.write_bytes(name.read_bytes()[:-9] + b"no Parquet")
first = [row for row in of_records if row[0][:13] == "2026-01-01T01"]
assert first and of(table.where("dt = '2026-01-01' and hour = 1").collect()) == first, "a partition"
try:
    table.where("dt = '2026-01-01' and hour <= 1").collect()
    raise SystemExit("a file that is not Parquet was not read, so the test of pruning shows nothing")
except Exception as problem:
    assert "Parquet" in str(problem) or "parquet" in str(problem), problem

def outcome(lines, words):
    try:
        return weir_spark.pipe(lines, words).collect()
    except Exception as problem:
        return str(problem)

numbers = spark.sparkContext.parallelize(map(str, range(200_000)), 3)
assert sorted(outcome(numbers, [tests + "/fails-once"]), key=int) == [str(n) for n in range(200_000)], "after a second try"
assert os.path.isdir("tried"), "no try has failed"
for words, text in (([tests + "/fails-late"], "ended with 7: the disk is full"), ([tests + "/dies"], "ended with -9"), (["head", "-n", "1"], "has not read all of its input"),
                    (["win-agg", "--every", "nonsense"], "ended with 2: win-agg: --every"), (["no-such-tool"], "no-such-tool")):
    found = outcome(numbers, words)
    assert isinstance(found, str) and text in found, f"{words}: {found[:3000]}"
bad = spark.sparkContext.parallelize(['{"timestamp":"2026-01-01T00:00:00Z","v":1}', "no record"], 1)
assert "ended with 1" in (found := outcome(bad, ["win-agg", "--every", "1h", "--agg", "count() as n"])), found

def breaks(line):
    if line == "150000":
        raise ValueError("the input breaks")
    return line
assert "the input breaks" in (found := outcome(numbers.map(breaks), ["cat"])), found
assert outcome(spark.sparkContext.parallelize([], 3), ["win-agg", "--every", "1h", "--agg", "count() as n"]) == []
assert outcome(spark.sparkContext.parallelize(["süß\u2028x"], 1), ["cat"]) == ["süß\u2028x"]
# Spark's own pipe gives the same rows where it gets the environment, and the check of the exit status.
assert sorted(lines.pipe("./windows", dict(os.environ), checkCode=True).collect()) == wanted, "rdd.pipe"
print("all as expected")
PYTHON
printf '%s\0' "${windows[@]}" >./command
printf '#!/bin/bash\nmapfile -d "" -t words <%q\nexec "${words[@]}"\n' "$PWD/command" >windows
chmod +x windows
export PYSPARK_PYTHON=$python
"$python" job.py "$WEIR_SOURCE/examples/spark" "$PWD/commands" 2>job.err || { tail -n 40 job.err >&2; fail "the job"; }

# As it stands in the README.
cd "$WEIR_SOURCE/examples/spark"
PYTHONDONTWRITEBYTECODE=1 "$(dirname "$python")/spark-submit" --master 'local[2]' --conf spark.ui.enabled=false --conf spark.driver.bindAddress=127.0.0.1 --conf spark.driver.host=127.0.0.1 \
  --py-files weir_spark.py windows.py --key sensor "$PARTS/table" "$PARTS/rows" --format parquet -- "${windows[@]}" 2>"$PARTS/submit.err" ||
  { tail -n 30 "$PARTS/submit.err" >&2; fail "spark-submit"; }
cat "$PARTS"/rows/part-* | sort | cmp - "$PARTS/expected" || fail "spark-submit: other rows"
echo "$(wc -l <"$PARTS/expected") windows are the same by Spark, from lines and from Parquet"
