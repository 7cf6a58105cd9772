#!/usr/bin/env bash
# examples/airflow: the nightly DAG by real Airflow. A try whose sink is killed is followed by one that loses and doubles nothing; the next night takes
# what has come since; a night again changes nothing and mails nobody; a state that is lost fails the night at once, and nothing after it runs.
# labels: airflow
# asked: airflow
# tools: sensor-sim csv-append csv-tail weather-advise win-agg polyfit-predict summary-mail pg-load pipe-run
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
python=$(python_with apache-airflow==3.3.2)
start_postgres
start_smtp
fail() { echo "FAILED: $*" >&2; tail -n 60 night.log >&2; exit 1; }

export AIRFLOW_HOME=$PARTS/airflow WEATHER_DIR=$PARTS/data SMTP_FROM=weather@example.org
export AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__DAGS_FOLDER=$PARTS/dags AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY=1
mkdir "$WEATHER_DIR" dags first
cp "$WEIR_SOURCE/examples/airflow/weir_nightly.py" dags/
cp "$WEIR_SOURCE/examples/weather/subscribers.csv" "$WEATHER_DIR"
# pg-load as the tasks find it: each start is noted, and the first one is killed.
cat >first/pg-load <<END
#!/bin/bash
echo "\$*" >>$PARTS/starts
[ "\$(wc -l <$PARTS/starts)" = 1 ] || exec $WEIR_BIN/pg-load "\$@"
exec 3<&0
$WEIR_BIN/pg-load "\$@" <&3 3<&- &
exec 3<&-
sleep 0.5
kill -9 "\$!"
exit 137
END
chmod +x first/pg-load
airflow=$(dirname "$python")/airflow
night() { PATH=$PARTS/first:$PATH "$airflow" dags test weir_nightly "$1" >night.log 2>&1; }
"$airflow" db migrate >night.log 2>&1 || fail "airflow db migrate"

# The tables, the figures and the mails must be those of all readings so far, by a computation of its own.
check() {
  /usr/bin/python3 - "$WEATHER_DIR" >expected <<'PYTHON'
import collections, csv, datetime, sys
hours, rows = collections.defaultdict(list), list(csv.DictReader(open(sys.argv[1] + "/readings.csv")))
for row in rows:
    hours[row["city"], row["timestamp"][:13]].append(float(row["temperature_c"]))
# An hour is over when a reading is ten minutes past its end.
last = datetime.datetime.fromisoformat(max(row["timestamp"] for row in rows)) - datetime.timedelta(hours=1, minutes=10)
over = {key: values for key, values in hours.items() if datetime.datetime.fromisoformat(key[1] + ":00:00Z") <= last}
print(len(rows), len(over))
for (city, hour), values in sorted(over.items()):
    print(city, hour, len(values), f"{sum(values) / len(values):.6f}", f"{min(values):.2f}", f"{max(values):.2f}", sep="|")
PYTHON
  {
    psql -XqAtF ' ' -c "SELECT (SELECT count(*) FROM weather_readings), (SELECT count(*) FROM weather_hours)"
    psql -XqAt -c "SELECT city, to_char(window_start, 'YYYY-MM-DD\"T\"HH24'), n, round(mean::numeric, 6), round(least::numeric, 2), round(most::numeric, 2)
      FROM weather_hours ORDER BY city COLLATE \"C\", window_start"
  } >found
  cmp expected found || { diff expected found | head -n 10 >&2; fail "$1: other tables"; }
  [ "$(psql -XqAt -c 'SELECT count(*) FROM (SELECT DISTINCT city, timestamp FROM weather_readings) AS a')" = "$(head -n 1 expected | cut -d' ' -f1)" ] || fail "$1: readings twice"
  [ "$(wc -l <"$WEATHER_DIR/predictions.ndjson")" = 4 ] || fail "$1: $(wc -l <"$WEATHER_DIR/predictions.ndjson") predictions"
  [ "$(find "$PARTS/mails" -name '*.eml' | wc -l)" = "$2" ] || fail "$1: $(find "$PARTS/mails" -name '*.eml' | wc -l) mails, not $2"
}
sensor-sim --weather --city Athens --city Berlin --seed 4 --start 2026-07-01T00:00:00Z --every 10m --count 580 >readings
head -n 290 readings | csv-append "$WEATHER_DIR/readings.csv" # to the first minutes of the next day
night 2026-07-02 || fail "the first night"
[ "$(wc -l <starts)" = 3 ] || fail "pg-load was started $(wc -l <starts) times, not twice for load and once for downsample"
check "the first night" 2
tail -n +291 readings | csv-append "$WEATHER_DIR/readings.csv"
night 2026-07-03 || fail "the second night"
check "the second night" 4
night 2026-07-03 || fail "the second night again"
check "the second night again" 4

# The state is lost: PostgreSQL knows epochs that it does not have. That is for a person, so there is one try.
rm -r "$WEATHER_DIR/load.state"
starts=$(wc -l <starts)
status=0
night 2026-07-03 || status=$?
[ "$status" != 0 ] || fail "a lost state, and the night has passed"
[ "$(wc -l <starts)" = $((starts + 1)) ] || fail "a lost state was tried $(($(wc -l <starts) - starts)) times"
grep 'load ended with 3' night.log >/dev/null || fail "no message about exit 3"
[ "$(grep -cE 'starting task_id=(predict|mail|downsample)' night.log)" = 0 ] || fail "other tasks ran after load had failed"
check "the night that failed" 4
echo "two nights and two more tries: $(head -n 1 found) readings and hours, $(find "$PARTS/mails" -name '*.eml' | wc -l) mails"
