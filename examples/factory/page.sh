#!/usr/bin/env bash
# Machines and their alerts as they come, on a page:   page.sh [ADDRESS:PORT]
set -euo pipefail
mqtt-sub -t 'plant/+/+' -t 'alerts/+/+' --topic-fields _,line,machine |
  dash-serve --title Plant --by line,machine --unit temperature=°C --unit vibration=mm/s --listen "${1:-127.0.0.1:8080}"
