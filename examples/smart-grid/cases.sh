#!/usr/bin/env bash
# Suspected thefts as cases that somebody can look into:   smart-grid.sh | cases.sh
#
# An alert of smart-grid.sh becomes {"timestamp","rule","meter","severity","ratio","current","baseline","low","customer_id","address","account_status",
# "lat","lon","evidence","pipeline_version"}: whose meter it is and where, how severe it is by severity.csv, and a sentence on why.
#
# CUSTOMERS is the table of meters: a file (CSV, NDJSON, TOML), or pg:TABLE of PostgreSQL. Without it that of the simulated town is used. A
# meter that it does not have is a case all the same, with nulls.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH=${WEIR_BIN:-$here/../../build/bin}:$PATH
customers=${CUSTOMERS:-}
if [ -z "$customers" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  customers=$work/customers.csv
  awk -v what=customers -v meters="${METERS:-1000}" -f "$here/places.awk" >"$customers"
fi

rec-clean --set 'timestamp = window_end' --set "rule = 'theft'" --set 'ratio = current / baseline' |
  rec-enrich --table "$customers" --on meter --take 'customer_id,address,account_status,lat,lon' --miss null --between - \
    --table "$here/severity.csv" --on rule --take severity --miss null --between ratio=from..to \
    --set "evidence = concat(meter, ' draws ', current, ' kW three times on end, ', round(100 * ratio), ' % of its baseline of ', round(baseline, 3), ' kW, and is connected')" \
    --set "pipeline_version = '1.0'" |
  rec-clean --round ratio=4 \
    --select timestamp,rule,meter,severity,ratio,current,baseline,low,customer_id,address,account_status,lat,lon,evidence,pipeline_version
