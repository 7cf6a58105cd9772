#!/usr/bin/env bash
# summary-mail with checkpoints: whatever is killed when, everybody gets the mail of an undisturbed run, and only a kill between the
# server's answer and the note of it makes one come twice.
# labels: smtp faults
# tools: csv-tail summary-mail
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
csv=$(readings_csv)
# What came, as `recipient message-id`; the id is made from what the mail says.
came() {
  awk '{sub(/\r$/, "")} FNR == 1 {body = 0; if (to) print to, id} /^$/ {body = 1} body {next} /^X-Envelope-To:/ {to = $2} /^Message-ID:/ {id = $2}
    END {if (to) print to, id}' "$1"/*.eml | sort
}
people() { echo email,cities; for i in $(seq "$1"); do echo "p$i@example.org,"; done; }
mail="summary-mail --no-charts --subscribers people.csv --date $(tail -n 1 "$csv" | cut -c1-10)"

# 1. Kills while a year is read.
people 3 >people.csv
start_smtp --mails "$PARTS/oracle"
csv-tail "$csv" | $mail 2>words || fail "undisturbed: $?"
came oracle >wanted
[ "$(wc -l <wanted)" = 3 ] || fail "$(wc -l <wanted) mails of the undisturbed run"
start_smtp --mails "$PARTS/killed"
kills --state s1 --kills 30 --at-least 12 --step 2 --seed 31 "csv-tail --checkpoint-records 1000 $csv | $mail" >did
cmp -s <(came killed | sort -u) wanted || fail "not the mails of the undisturbed run: $(came killed | diff - wanted)"
echo "$(cat did): 3 mails as without kills"

# 2. Kills while mails are sent, some of them to a start that only completes the last epoch.
people 60 >people.csv
tail -n 40 "$csv" | cat <(head -1 "$csv") - >day.csv
start_smtp --mails "$PARTS/oracle60"
csv-tail day.csv | $mail 2>words || fail "undisturbed: $?"
came oracle60 >wanted
start_smtp --mails "$PARTS/killed60"
notes() { [ "$(cat s2/summary-mail/sent 2>/dev/null | wc -l)" -ge "$1" ]; }
# It has opened the pipe then: a source that opens it alone would wait for ever.
is_there() { [ "$(cat /proc/$sink/comm 2>/dev/null)" = summary-mail ] || ! kill -0 $sink 2>/dev/null; }
killed=0
mkfifo pipe
for target in $(seq 2 2 60); do
  # A kill that came before the run's first note could hit a mail that the last one has hit.
  ! notes "$target" || continue
  csv-tail --state s2 day.csv 2>>words >pipe &
  source=$!
  $mail --state s2 2>>words <pipe &
  sink=$!
  wait_until 60 is_there
  wait_until 60 notes "$target"
  if kill -9 $sink 2>/dev/null; then killed=$((killed + 1)); fi
  { wait $sink || true; } 2>>words
  wait $source || true
done
csv-tail --state s2 day.csv 2>>words | $mail --state s2 2>>words || fail "the last start"
came killed60 >got
cmp -s <(sort -u got) wanted || fail "not the mails of the undisturbed run"
doubles=$(($(wc -l <got) - 60))
[ "$doubles" -le $killed ] || fail "$doubles mails came twice after $killed kills"
[ "$(sort got | uniq -c | awk '$1 > 2' | wc -l)" = 0 ] || fail "a mail came three times"
[ "$(jq -r .email s2/summary-mail/sent | sort | uniq -d | wc -l)" = 0 ] || fail "noted twice"
echo "$killed kills while 60 mails were sent: everybody got it, $doubles twice"
csv-tail --state s2 day.csv 2>>words | $mail --state s2 2>>words || fail "a start when all is done"
[ "$(came killed60 | wc -l)" = "$(wc -l <got)" ] || fail "a start when all is done sent mails"

# 3. Refused for good: exit 1 once, so that somebody looks; the start after it does not ask again. SIGTERM: no mail, then all of them.
people 3 >people.csv
start_smtp --mails "$PARTS/hard" --refuse p2@example.org
csv-tail --state s3 -f day.csv --checkpoint-every 50ms 2>>words >pipe &
source=$!
$mail --state s3 2>>words <pipe &
sink=$!
wait_until 60 test -s s3/summary-mail/e-1
kill -TERM $source
wait $source && wait $sink || fail "SIGTERM"
[ "$(find hard -name '*.eml' | wc -l)" = 0 ] || fail "SIGTERM sent mails"
status=0
csv-tail --state s4 day.csv 2>>words | $mail --state s4 2>refused || status=$?
[ $status = 1 ] || fail "a refused recipient: exit $status"
grep -q 'p2@example.org: not sent: 550' refused || fail "a refused recipient is not named"
csv-tail --state s4 day.csv 2>>words | $mail --state s4 2>refused || fail "the start after a refused recipient: $?"
[ ! -s refused ] || fail "asked again: $(cat refused)"
[ "$(came hard | cut -d' ' -f1 | xargs)" = "p1@example.org p3@example.org" ] || fail "mails past a refused recipient"
grep -q '"p2@example.org","refused":"550 ' s4/summary-mail/sent || fail "the note of the refused one"
echo "SIGTERM keeps the mails for the next start; a recipient refused for good is named once, with exit 1"
