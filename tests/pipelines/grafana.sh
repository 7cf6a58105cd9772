#!/usr/bin/env bash
# examples/grafana: the dashboards as Grafana provisions them, and every query of them against stores that the examples' own pipelines fill.
# labels: pg influx
# builds: release
# tools: rec-clean sensor-sim win-agg win-delta win-calc pg-load influx-load dash-serve csv-append pipe-run pipe-health
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
need_program jq
need_program prometheus
need_program promtool
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
folder=$WEIR_SOURCE/examples/grafana
check() { /usr/bin/python3 "$WEIR_SOURCE/tests/support/grafana-check" "$@"; }
fail() { echo "FAILED: $*"; [ ! -f messages ] || cat messages; exit 1; }

check shape "$folder"
mkdir made
"$folder/make" made
diff -r made "$folder/dashboards" || fail "the dashboards are not those that make writes"
promtool check config "$folder/prometheus.yml" >messages || fail "prometheus.yml"
: >messages

# --- the smart home in PostgreSQL: forty days, so that there are late records of both kinds
start_quick_postgres
SOURCE='sensor-sim --smart-home --seed 5 --count 28000' "$WEIR_SOURCE/examples/smart-home/smart-home.sh" 2>messages || fail "the smart home: $?"
check ask "$folder/dashboards/weir-smart-home.json" 2020-01-01T00:00:00Z 2020-02-10T00:00:00Z 3600

# --- water quality in InfluxDB, by the pipes of the example with files in the place of Kafka
start_influx
water=$WEIR_SOURCE/examples/water
# stages PIPE: its stages after kafka-sub, and before kafka-pub
stages() { grep -v '^#\|^WEIR_STATE=' "$water/$1" | sed '/kafka-sub/d; /kafka-pub/,$d' | tr '\n' ' ' | sed 's/^ *|//'; }
bash -c "$(stages validate.pipe)" <"$water/readings.ndjson" 2>messages >validated || [ $? -eq 1 ] # its rejects are in rejected.ndjson
bash -c "$(stages quality.pipe)" <validated 2>messages || fail "quality.pipe: $?"
bash -c "$(stages minutes.pipe)" <validated 2>messages >minutes || true  # its late records are in late.ndjson
bash -c "$(stages history.pipe)" <minutes 2>messages || fail "history.pipe: $?"
check ask "$folder/dashboards/weir-water.json" 2026-03-02T07:00:00Z 2026-03-02T09:00:00Z 60

# --- weir's own metrics in Prometheus
port=$(free_port)
mkfifo feed
exec 9<>feed
dash-serve --by m --map lat,lon --listen "127.0.0.1:$port" <feed 2>dash.err 9>&- &
parts_pids+=("$!")
wait_until 20 port_open "$port"
# A pipeline whose stages write figures, served as one page.
cat >hours.pipe <<PIPE
WEIR_STATE=hours.state
WEIR_METRICS=figures
sensor-sim --weather --city Athens --city Berlin --every 1s --speed 1 --start $(date -u +%Y-%m-%dT%H:%M:%SZ) --heartbeat 200ms --checkpoint-every 1s
  | win-agg --every 2s --by city --late drop --agg 'count() as n'
  | csv-append hours.csv
PIPE
run_group "exec pipe-run hours.pipe 2>pipe.err 9>&-"
wait_until 30 test -e figures/hours.state.csv-append.prom
health=$(free_port)
pipe-health --stages figures --check hours=state:hours.state --listen "127.0.0.1:$health" 2>health.err 9>&- &
parts_pids+=("$!")
wait_until 20 port_open "$health"
sed "s/127.0.0.1:8080/127.0.0.1:$port/; s/127.0.0.1:8081/127.0.0.1:$health/; s/scrape_interval: .*/scrape_interval: 1s/" "$folder/prometheus.yml" >prometheus.yml
web=$(free_port)
export PROMETHEUS_URL=http://127.0.0.1:$web
serve_process prometheus.log "$web" prometheus --config.file=prometheus.yml --storage.tsdb.path="$PARTS/prometheus" --web.listen-address="127.0.0.1:$web"
began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
rounds=0
# Rates need two scrapes between which something has come.
scraped() {
  rounds=$((rounds + 1))
  awk -v n=$rounds 'BEGIN { for (i = 0; i < 200; i++) printf "{\"m\":\"a%d\",\"lat\":%d,\"lon\":1,\"v\":1}\n", i, 80 + n % 20
    printf "not a record\n{\"m\":\"a\",\"state\":\"firing\",\"level\":\"critical\",\"rule\":\"x%d\"}\n", n }' >&9
  check ask "$folder/dashboards/weir-metrics.json" "$began" "$(date -u -d '2 seconds' +%Y-%m-%dT%H:%M:%SZ)" 5 >asked 2>&1
}
wait_until 60 scraped || { cat asked prometheus.log dash.err; fail "Prometheus"; }
cat asked
pipelines() { check ask "$folder/dashboards/weir-pipelines.json" "$began" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 15 >asked 2>&1; }
wait_until 60 pipelines || { cat asked pipe.err health.err; fail "the pipelines"; }
cat asked
exec 9>&-
