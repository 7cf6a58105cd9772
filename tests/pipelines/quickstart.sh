#!/usr/bin/env bash
# scripts/quickstart shows every part, ends by itself, and leaves no process and no folder; so does Ctrl-C.
# labels: mqtt pg smtp
# builds: release
# tools: sensor-sim owm-poll csv-append csv-tail mqtt-pub mqtt-sub thresh-alert polyfit-predict weather-advise pg-load summary-mail dash-serve
# timeout: 300
set -euo pipefail
TMPDIR=$(mktemp -d)
export TMPDIR
chmod 755 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
unset OWM_API_KEY

leftovers() { pgrep -fa "$TMPDIR" | grep -v pgrep || true; }
none_left() { [ -z "$(leftovers)" ] && [ -z "$(ls -A "$TMPDIR/parts" 2>/dev/null)" ]; }
run_quickstart() { mkdir -p "$TMPDIR/parts"; TMPDIR=$TMPDIR/parts "$WEIR_SOURCE/scripts/quickstart" --for "$1"; }

out=$TMPDIR/out
run_quickstart 20s >"$out" 2>&1 &
quickstart=$!
# The last line is the page's address, and then the page is there, with all cities and what came of them.
gone() { ! kill -0 "$quickstart" 2>/dev/null; }
stays_up() { gone || grep -q 'page stays up' "$out"; }
for ((tries = 0; tries < 12000; tries++)); do stays_up && break; sleep 0.1; done
page=$(sed -n 's/^The page stays up for 20 s more.*: \(http:.*\)$/\1/p' "$out")
curl -fsS --noproxy '*' "${page:-nowhere}api/snapshot" | jq -es '(map(.city) - [null] | unique | length) == 5 and any(.prediction) and any(.rule)' >"$TMPDIR/page" ||
  { cat "$out"; echo "the page does not show it all"; exit 1; }
wait "$quickstart" || { cat "$out"; exit 1; }
[ "$(tail -1 "$out" | grep -c "$page")" = 1 ] || { cat "$out"; echo "the page's address is not the last line"; exit 1; }
for words in 'Two days of hourly history' '▲ ALERT' '▼ resolved' 'Athens' ' °C ' 'weather_readings' '(5 rows)' 'temperature_c' '95 % between' \
  'Subject: ' 'To: Ana <ana@example.org>' 'text/html' 'Everything above ran' 'Look: http://127.0.0.1:'; do
  grep -qF -- "$words" "$out" || { cat "$out"; echo "quickstart does not show: $words"; exit 1; }
done
grep -qE '^The first reading: [0-9]+ s after the start of this script\.$' "$out" || { cat "$out"; echo "quickstart does not tell the time to the first reading"; exit 1; }
if grep -E '^(bash|[a-z-]+): .*(error|reject|cannot|failed|not found)' "$out"; then echo "quickstart printed an error"; exit 1; fi
none_left || { leftovers; ls "$TMPDIR/parts"; echo "quickstart left something behind"; exit 1; }
echo "by itself: $(wc -l <"$out") lines, $(grep -c '▲ ALERT' "$out") alerts, nothing left behind"

# Ctrl-C reaches the whole foreground group, as in a terminal. A shell gives background jobs SIGINT ignored, so python starts it.
mkdir -p "$TMPDIR/parts"
TMPDIR=$TMPDIR/parts /usr/bin/python3 - "$WEIR_SOURCE/scripts/quickstart" "$out" <<'PYTHON'
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
with open(sys.argv[2], "w") as out:
    child = subprocess.Popen([sys.argv[1], "--for", "60s"], stdout=out, stderr=out, start_new_session=True)
    deadline = time.monotonic() + 900
    while "Readings arrive" not in open(sys.argv[2]).read() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    os.killpg(child.pid, signal.SIGINT)
    status = child.wait(timeout=300)
sys.exit(0 if status in (130, -signal.SIGINT) else f"quickstart ended with {status} after Ctrl-C")
PYTHON
grep -qF 'everything that was started has ended' "$out" || { cat "$out"; exit 1; }
none_left || { leftovers; ls "$TMPDIR/parts"; echo "Ctrl-C left something behind"; exit 1; }
echo "by Ctrl-C: nothing left behind"
