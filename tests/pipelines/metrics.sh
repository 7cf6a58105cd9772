#!/usr/bin/env bash
# --metrics: every stage of a pipeline writes its figures, promtool reads them, they are what the stages did, and pipe-health serves them as one page.
# tools: csv-tail csv-append thresh-alert win-agg win-delta pipe-run pipe-health pipe-merge pipe-via pipe-spool dash-serve
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
need_program promtool
cp "$WEIR_SOURCE"/examples/data/readings.* .
rows=$(($(wc -l <readings.csv) - 1))

# value FILE NAME [LABEL]: the sample of that name
value() { grep -E "^$2\{[^}]*${3:-}" "$1" | cut -d' ' -f2; }
is() { [ "$1" = "$2" ] || { echo "$3 is '$1', not '$2'" >&2; exit 1; }; }

# --- a pipeline with checkpoints, of every shape
WEIR_METRICS=figures pipe-run --state days.state -- "csv-tail readings.csv | pipe-via -- cat | win-agg --every 6h --by city --agg 'count() as n' | csv-append days.csv"
days=$(($(wc -l <days.csv) - 1))
for stage in csv-tail pipe-via win-agg csv-append; do
  file=figures/days.state.$stage.prom
  promtool check metrics <$file
  is "$(value $file weir_records_total)" "$([ $stage = csv-append ] && echo "$days" || echo "$rows")" "records of $stage"
  is "$(value $file weir_rejects_total)" 0 "rejects of $stage"
  [ "$(value $file weir_epoch)" -ge 1 ]
  [ "$(value $file weir_snapshot_seconds_count)" -ge 1 ]
  grep -F "{tool=\"$stage\",stage=\"$stage\",pipe=\"days.state\"} " $file >/dev/null
done
[ "$(value figures/days.state.csv-append.prom weir_commit_seconds_count)" -ge 1 ]
echo "a pipeline with checkpoints: $rows records in, $days out, and each stage's figures tell it"

# --- pipe-run: which stages run, and how often one of them failed
file=figures/days.state.pipe-run.prom
promtool check metrics <$file
is "$(value $file weir_restarts_total)" 0 "restarts"
is "$(grep -c '^weir_stage_up{.*} 0$' $file)" 4 "stages that have ended"
mkfifo stay
pipe-run --restart-after 10ms --metrics run.prom -- "csv-tail -f readings.csv | pipe-via --id via -- cat | sh -c 'cat >stay'" 2>restarts.log &
runner=$!
parts_pids+=("$runner")
exec 5<stay
wait_until 20 grep '^weir_stage_up{.*number="3",program="sh"} 1$' run.prom
via_runs() { killed=$(pgrep -P $runner -x pipe-via); }
wait_until 20 via_runs # a stage has its name a moment after its start
kill -KILL "$killed"
exec 5<&-
exec 5<stay
wait_until 20 grep '^weir_restarts_total{.*} [1-9]' run.prom
promtool check metrics <run.prom
is "$(value run.prom weir_stage_failures_total 'program="pipe-via"')" 1 "failures of pipe-via"
wait_until 20 grep '^weir_stage_up{.*number="2",program="pipe-via"} 1$' run.prom
kill -TERM $runner
exec 5<&-
wait $runner || true
echo "pipe-run tells what runs, and what failed"

# --- rejects and late records
{ sed -n 1,40p readings.ndjson; echo nonsense; head -n 1 readings.ndjson; } >some.ndjson
win-delta --by city --field temperature_c --time timestamp --late drop --rejects rejects --metrics one.prom -q some.ndjson >out
promtool check metrics <one.prom
is "$(value one.prom weir_records_total)" 42 records
is "$(value one.prom weir_rejects_total)" 1 rejects
is "$(value one.prom weir_late_total)" 1 "late records"
is "$(value one.prom iot_messages_received_total)" 42 "messages received"
is "$(value one.prom iot_messages_processed_total success)" 41 "messages processed"
is "$(value one.prom iot_messages_processed_total failed)" 1 "messages failed"
thresh-alert --by city --rule 'hot: temperature_c > 30' --metrics alerts.prom -q readings.ndjson >alerts
promtool check metrics <alerts.prom
is "$(value alerts.prom iot_alerts_triggered_total 'level="warning",parameter="hot"')" "$(jq -c 'select(.state == "firing")' alerts | wc -l)" "alerts raised"
[ -s alerts ]
echo "rejects and late records are counted, and alerts"

# --- while it runs, with the watermark
mkfifo pipe
win-delta --by city --field temperature_c --time timestamp --metrics live.prom <pipe >live.out &
parts_pids+=("$!")
exec 4>pipe
printf '%s\n' "$(head -n 1 readings.ndjson)" '{"@ctl":"watermark","time":"2026-07-01T00:00:00Z"}' >&4
wait_until 20 grep weir_watermark_lag_seconds live.prom
is "$(value live.prom weir_watermark_seconds)" 1782864000 "the watermark"
exec 4>&-
wait $!
echo "figures are there while it runs"

# --- a tool that stands twice, and a name that leaves the folder
mkfifo twice
win-delta --by city --field temperature_c --time timestamp --metrics twins <twice >twin.out &
parts_pids+=("$!")
exec 4>twice
head -n 1 readings.ndjson >&4
wait_until 20 grep '^weir_records_total{.*} 1$' twins/win-delta.prom
win-delta --by city --field temperature_c --time timestamp --metrics twins readings.ndjson >out 2>errors
is "$(grep -c -- '--metrics: another stage writes twins/win-delta.prom' errors)" 1 "the number of messages"
is "$(value twins/win-delta.prom weir_records_total)" 1 "records of the first"
win-delta --by city --field temperature_c --time timestamp --metrics twins --id second -q readings.ndjson >out
is "$(value twins/second.prom weir_records_total)" "$(wc -l <readings.ndjson)" "records of the second by its own name"
exec 4>&-
wait $!
status=0
win-delta --by city --field temperature_c --time timestamp --metrics twins --id ../../x readings.ndjson >out 2>errors || status=$?
is "$status" 2 "the exit status for a name that leaves the folder"
echo "each stage has a file of its own"

# --- several inputs, a spool, and a place that cannot be written
pipe-merge --metrics merge.prom readings.ndjson readings.ndjson >out
is "$(value merge.prom weir_records_total)" $((2 * $(wc -l <readings.ndjson))) "records of pipe-merge"
pipe-spool --metrics spool.prom spool <readings.ndjson
is "$(value spool.prom weir_records_total)" "$(wc -l <readings.ndjson)" "records of pipe-spool"
win-delta --by city --field temperature_c --time timestamp --metrics readings.ndjson/x.prom readings.ndjson >out 2>errors
is "$(grep -c -- '--metrics' errors)" 1 "the number of messages"
echo "a place that cannot be written is reported once"

# --- all of them as one page; a FIFO among them is not waited for
port=$(free_port)
mkfifo figures/a.prom
pipe-health --listen "127.0.0.1:$port" --stages figures --check pipe=state:days.state 2>health.log &
parts_pids+=("$!")
wait_until 20 curl -sf "http://127.0.0.1:$port/healthz"
curl -sf -m 300 "http://127.0.0.1:$port/metrics" >page
promtool check metrics <page
is "$(value page weir_records_total csv-append)" "$days" "records of csv-append in the page"
is "$(grep -c '^# TYPE weir_records_total' page)" 1 "the number of heads"
curl -sf -H 'Accept: application/openmetrics-text; version=1.0.0' "http://127.0.0.1:$port/metrics" >open
grep -x '# TYPE weir_records counter' open >/dev/null
is "$(tail -n 1 open)" "# EOF" "the end of the page"
echo "one page has them all"

pipe-health --listen "127.0.0.1:$(free_port)" --stages nowhere 2>nowhere.log &
parts_pids+=("$!")
wait_until 20 grep -F -- '--stages nowhere: ' nowhere.log
echo "a folder that is not there is told"

# --- dash-serve's own page
port=$(free_port)
dash-serve --listen "127.0.0.1:$port" -q readings.ndjson &
parts_pids+=("$!")
has_all() { curl -sf "http://127.0.0.1:$port/metrics" >dash && grep -E "^iot_messages_processed_total\{[^}]*success[^}]*\} $rows" dash >/dev/null; }
wait_until 20 has_all
promtool check metrics <dash || [ $? -eq 3 ] # 3: only what it advises
curl -sf -H 'Accept: application/openmetrics-text' "http://127.0.0.1:$port/metrics" >open
grep -x '# TYPE iot_messages_received counter' open >/dev/null
is "$(tail -n 1 open)" "# EOF" "the end of dash-serve's page"
echo "dash-serve speaks OpenMetrics, too"
