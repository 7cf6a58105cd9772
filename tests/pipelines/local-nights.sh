#!/usr/bin/env bash
# The nights when clocks change, in Berlin, New York and on Lord Howe (half an hour): local times without an offset lose no record on
# their way through csv-tail, rec-dedup, win-agg, win-delta and thresh-alert. Python's zoneinfo says what they mean.
# labels: csv
# tools: csv-tail rec-dedup win-agg win-delta thresh-alert
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"

# ZONE.DAY.csv: a row every quarter of an hour from 23:00 to 06:00, in the order in which they happen. Beside it what each must give.
/usr/bin/python3 - <<'END'
import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

def text(moment): return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

for name, days in {"Europe/Berlin": ("2026-03-29", "2026-10-25"), "America/New_York": ("2026-03-08", "2026-11-01"),
                   "Australia/Lord_Howe": ("2026-04-05", "2026-10-04")}.items():
    zone = ZoneInfo(name)
    for day in days:
        stem = f"{name.replace('/', '-')}.{day}"
        midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
        begin, end = ((midnight + timedelta(hours=hours)).astimezone(timezone.utc) for hours in (-1, 6))
        moments = [begin + timedelta(minutes=15 * i) for i in range(int((end - begin) / timedelta(minutes=15)))]
        locals_ = [moment.astimezone(zone).replace(tzinfo=None) for moment in moments]
        with open(stem + ".csv", "w") as rows:
            print("timestamp,meter,reading", *(f"{local},m,{1000 + i * i}" for i, local in enumerate(locals_)), sep="\n", file=rows)
        def write(what, lines):
            with open(f"{stem}.{what}", "w") as out: print(*lines, sep="\n", file=out)
        write("utc", (f'"{text(moment)}"' for moment in moments))
        hours = Counter(moment.replace(minute=0) for moment in moments)
        write("hours", (json.dumps([text(hour), count], separators=(",", ":")) for hour, count in sorted(hours.items())))
        write("deltas", (json.dumps([text(moment), 2 * i - 1 if i else None], separators=(",", ":")) for i, moment in enumerate(moments)))
        # Rows as far apart as the change, of one meter, and of two that take turns.
        for step in (30,) if name.endswith("Howe") else (30, 60):
            for meters in ("m", "mn"):
                rows = [(moment, meter) for moment in moments[::step // 15] for meter in meters]
                with open(f"{stem}.{step}.{meters}.csv", "w") as out:
                    print("timestamp,meter", *(f"{moment.astimezone(zone).replace(tzinfo=None)},{meter}" for moment, meter in rows), sep="\n", file=out)
                write(f"{step}.{meters}.utc", (f'"{text(moment)}"' for moment, meter in rows))
        # The last row of a doubled hour, else the middle one, begins what the rule is for.
        doubled = [i for i, local in enumerate(locals_) if locals_.count(local) == 2]
        first = max(doubled, default=len(moments) // 2)
        write("rule", [f"rises: reading >= {1000 + first * first}"])
        write("alerts", [f'"{text(moments[first])}"'])
        write("twice", [len(doubled)])
        # What the first and the second of two would be, for tools that see no order.
        for fold in (0, 1):
            hours = Counter(local.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc).replace(minute=0) for local in locals_)
            write(f"fold{fold}", (json.dumps([text(hour), count], separators=(",", ":")) for hour, count in sorted(hours.items())))
END

same() { cmp "$2" - || { echo "FAILED: $1"; exit 1; }; }
twice=0
for csv in *-[0-9][0-9].csv; do
  night=${csv%.csv}
  zone=${night%%.*} zone=${zone/-//}
  rows=$(wc -l <"$night.utc")
  # By the order of the rows, at the source: nothing after it needs a zone.
  csv-tail --time timestamp --tz "$zone" "$csv" >"$night.ndjson"
  jq -c .timestamp "$night.ndjson" | same "$night: csv-tail" "$night.utc"
  for step in 30 60; do
    [ -e "$night.$step.m.csv" ] || continue
    csv-tail -q --time timestamp --tz "$zone" "$night.$step.m.csv" | jq -c .timestamp | same "$night: every $step minutes" "$night.$step.m.utc"
    for meters in m mn; do
      csv-tail --time timestamp --tz "$zone" --by meter "$night.$step.$meters.csv" 2>messages | jq -c .timestamp |
        same "$night: every $step minutes: --by" "$night.$step.$meters.utc"
      [ ! -s messages ] || { cat messages; exit 1; }
    done
  done
  rec-dedup --by meter,timestamp --within 3h "$night.ndjson" | jq -c .timestamp | same "$night: rec-dedup" "$night.utc"
  win-agg --every 1h --agg 'count() as n' "$night.ndjson" | jq -c '[.window_start, .n]' | same "$night: win-agg" "$night.hours"
  win-delta --time timestamp --by meter --field reading "$night.ndjson" | jq -c '[.timestamp, .reading_delta]' | same "$night: win-delta" "$night.deltas"
  thresh-alert --by meter --rule "$(cat "$night.rule")" "$night.ndjson" | jq -c .timestamp | same "$night: thresh-alert" "$night.alerts"

  # In tools that see no order a doubled time is a reject, unless --fold says which it is.
  csv-tail "$csv" >"$night.local"
  n=$(cat "$night.twice")
  twice=$((twice + n))
  for command in "rec-dedup --by meter,timestamp --within 3h" "thresh-alert --each --annotate --rule reading>0" \
    "win-delta --time timestamp --by meter --field reading"; do
    rm -f rejects
    # shellcheck disable=SC2086 # words are what is wanted
    $command --tz "$zone" --rejects rejects "$night.local" >out 2>messages || { cat messages; exit 1; }
    [ "$(wc -l <out)" -eq $((rows - n)) ] && [ "$(cat rejects 2>/dev/null | wc -l)" -eq "$n" ] ||
      { echo "FAILED: $night: $command: $rows in, $(wc -l <out) out, $n come twice"; cat messages; exit 1; }
  done
  win-agg --every 1h --late drop -q --tz "$zone" --fold first --lateness 2h --agg 'count() as n' "$night.local" | jq -c '[.window_start, .n]' | same "$night: the first" "$night.fold0"
  win-agg --every 1h --late drop -q --tz "$zone" --fold last --lateness 2h --agg 'count() as n' "$night.local" | jq -c '[.window_start, .n]' | same "$night: the last" "$night.fold1"
  echo "$night: $rows rows, $n of them at times that come twice, each in its hour"
done
[ "$twice" -eq 20 ] # two hours in two zones, and half an hour in one: eight, eight and four rows
