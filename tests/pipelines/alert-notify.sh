#!/usr/bin/env bash
# alert-notify against a mail server, a broker, and a stand-in of Slack, PagerDuty, Twilio, a webhook and Alertmanager that gives every error.
# labels: smtp mqtt pg
# tools: alert-notify thresh-alert pg-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"

same() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; } # same WHAT GOT EXPECTED
stand_in() { # stand_in [--chaos N] ANSWER…
  rm -f kept seen
  : >kept
  : >seen
  port=$(free_port)
  "$WEIR_SOURCE/tests/support/alert-services" --port "$port" --keep kept --seen seen "$@" >>services.log 2>&1 &
  parts_pids+=("$!")
  wait_until 20 port_open "$port"
  export url=http://127.0.0.1:$port
  echo "$url/slack/s3cret" >slack.url
}
printf 's3cret\n' >token
printf 'r0uting\n' >key
: >slack.url
chmod 600 token key slack.url
notify() { timeout 600 alert-notify --quiet --history-file history "$@" 2>words; }
sms() { echo "--sms=+15550100,level=critical,account=AC1,from=+15550101,token_file=token,rate=1000,url=$url"; }
slack() { echo "--slack=url_file=slack.url,rate=1000"; }
pagerduty() { echo "--pagerduty=key_file=key,url=$url"; }
attempts() { jq -r '"\(.state) \(.answer)"' history; }
alert='{"timestamp":"2026-07-02T13:00:00Z","state":"firing","level":"critical","rule":"BOD","value":112,"plantId":"north","parameter":"BOD","message":"BOD 112"}'
echo "$alert" >one.ndjson
resolved=${alert/firing/resolved}
# Three alerts that begin and end, of three plants.
for plant in north south west; do echo "${alert/north/$plant}"; done >alerts.ndjson
for plant in north south west; do echo "${resolved/north/$plant}"; done >>alerts.ndjson

# 1. All channels at once, real servers among them: the seed's texts arrive, with one id in each service.
start_smtp
start_mosquitto
stand_in
mosquitto_sub -h "$MQTT_HOST" -p "$MQTT_PORT" -q 1 -c -i listener -t 'alerts/#' -E
timeout 600 alert-notify --mail ops@example.org --webhook "$url/hook" --alertmanager "$url" "$(sms)" "$(slack)" "$(pagerduty)" \
  --mqtt 'alerts/{plantId}/{parameter}' --program "sh -c 'cat >>program'" --history-file history one.ndjson 2>words || fail "all channels: $?"
same 'services' "$(jq -r .service kept | sort | xargs)" 'alertmanager pagerduty slack twilio webhook'
same 'webhook' "$(jq -c 'select(.service == "webhook").body' kept)" "$(jq -c . one.ndjson)"
same 'sms' "$(jq -r 'select(.service == "twilio").body.Body' kept | sed 's/ \[.*//')" 'CRITICAL: BOD = 112 at north'
same 'ids' "$(jq -r .id kept program history | sort -u | wc -l) $(jq -r '.state' history | sort | uniq -c | xargs)" '8 8 delivered'
start_postgres
pg-load --quiet --table notified --create --round --upsert id,channel,attempt history # as often as anybody likes
pg-load --quiet --table notified --create --round --upsert id,channel,attempt history
same 'the history as a table' "$(psql -XqAtc "select channel, state, level, dedup_key, timestamp = '$(jq -rs '.[0].timestamp' history)'::timestamptz from notified order by timestamp limit 1"; psql -XqAtc 'select count(*), count(distinct channel) from notified')" \
  "$(jq -rs '.[0] | [.channel, .state, .level, .dedup_key, "t"] | join("|")' history)
8|8"
same 'mqtt' "$(mosquitto_sub -h "$MQTT_HOST" -p "$MQTT_PORT" -q 1 -c -i listener -t 'alerts/#' -C 1 -W 200 -F '%t %p' | sed 's/{.*"text":/ /; s/,"alerts.*//')" \
  'alerts/north/BOD  "Critical alert at north: BOD 112"'
/usr/bin/python3 - mails/0001.eml <<'PYTHON'
import email, email.policy, sys
mail = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
assert mail["subject"] == "🚨 CRITICAL: BOD Alert", mail["subject"]
assert mail["to"] == "ops@example.org" and mail["auto-submitted"] == "auto-generated"
assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n").startswith("Critical alert at north: BOD 112\n"), mail
PYTHON
same 'headers' "$(jq -c 'select(.path == "/hook") | [."ce-type", ."ce-id" == ."Idempotency-Key"]' seen)" '["weir.alert.firing",true]'
! grep -qE 's3cret|r0uting' words history || fail "a secret is shown"

# 2. Every error of a service that passes: each alert arrives in the end; what had an effect before comes again with the same id.
for answer in 408 425 429 429+0 429@0 500 502 503 503+0 503@0 504 cut keep-cut keep-500 garbage keep-garbage page; do
  stand_in $answer
  rm -f history
  notify --webhook "$url/hook" one.ndjson || fail "$answer: $?"
  case $answer in keep-*) effects=2 ;; *) effects=1 ;; esac
  same "$answer" "$(wc -l <kept) $(jq -r .id kept | sort -u | wc -l) $(attempts | wc -l)" "$effects 1 2"
  case $answer in 4* | 503*) state=later ;; *) state=uncertain ;; esac
  same "$answer: history" "$(jq -r .state history | xargs)" "$state delivered"
done
stand_in keep-slow
rm -f history
notify --webhook "$url/hook,timeout=2s" one.ndjson || fail "slow: $?"
same 'slow' "$(jq -r .state history | uniq | xargs)" 'uncertain delivered'
stand_in 429+2
rm -f history
notify --webhook "$url/hook" one.ndjson || fail "Retry-After: $?"
same 'Retry-After is heeded' "$(jq -s '.[0].retry_after_s, (.[1].timestamp | sub("\\..*"; "Z") | fromdate) - (.[0].timestamp | sub("\\..*"; "Z") | fromdate) >= 1' history | xargs)" '2 true'

# 3. Twilio has no key: an uncertain SMS is looked up, so that none comes twice, also when the list has pages.
for answer in keep-cut keep-500 keep-502 keep-garbage cut 500; do
  stand_in --page 2 $answer
  rm -f history
  for ((i = 0; i < 6; i++)); do echo "${alert/\"value\":112/\"value\":$i}"; done | sed 's/"state":"firing",//' >six.ndjson
  notify "$(sms)" six.ndjson || fail "$answer: $?"
  same "SMS after $answer" "$(wc -l <kept) $(jq -r .id kept | sort -u | wc -l)" '6 6'
done
stand_in keep-cut
rm -f history
notify "$(sms)" one.ndjson || fail "look-up: $?"
grep -q 'it had arrived, as SM' history || fail "the history does not tell of the look-up"

# 4. Refusals are rejects, with the service's text; the other channels get theirs.
for answer in 400 401 403 404 413 301; do
  stand_in $answer
  rm -f history rejects
  notify --webhook "$url/hook" --program "sh -c 'cat >>other'" --rejects rejects one.ndjson || fail "$answer: $?"
  same "$answer" "$(wc -l <kept) $(jq -r .reason rejects | sed 's/: {.*//; s/: a redirect.*//')" "0 webhook refuses it: $answer"
done
stand_in
rm -f rejects
printf 'wrong\n' >wrong
chmod 600 wrong
notify --sms "+15005550001,account=AC1,from=+1,token_file=token,url=$url" --pagerduty "key_file=wrong,url=$url" --rejects rejects one.ndjson || fail "refused: $?"
same 'refusals' "$(jq -r .reason rejects | sed 's/"message".*//' | sort)" 'pagerduty refuses it: 400: {"status":"invalid event",
sms refuses it: 400: {"code":21211,'
status=0
notify --pagerduty "key_file=wrong,url=$url" one.ndjson || status=$?
same 'a refusal without --rejects' $status 1

# 5. PagerDuty: an alert and its end are one incident, in this order whatever the answers.
stand_in --chaos 7
notify "$(pagerduty)" alerts.ndjson || fail "PagerDuty: $?"
for plant in north south west; do
  same "incident of $plant" "$(jq -r --arg plant "$plant" 'select(.dedup | endswith($plant)).body.event_action' kept | uniq | xargs)" 'trigger resolve'
done

# 6. Limits: a text of a megabyte is cut, and taken.
stand_in
jq -c --arg long "$(head -c 100000 /dev/zero | tr '\0' x)🚨" '.message = $long + "é" | .rule = $long | .state = null' one.ndjson >long.ndjson
notify "$(sms)" "$(slack)" "$(pagerduty)" --mail ops@example.org long.ndjson || fail "limits: $?"
same 'limits' "$(jq -r .service kept | sort | xargs)" 'pagerduty slack twilio'

# 7. A channel that is away keeps no other waiting; a mail server that postpones is asked again.
dead=$(free_port)
mkfifo records
start_smtp --mails "$PARTS/postponed" --postpone ops@example.org 2
rm -f program
timeout 900 alert-notify --quiet --webhook "http://127.0.0.1:$dead/" --mail ops@example.org --program "sh -c 'cat >>program'" --retry-for 20s --rejects gone records 2>words &
notifier=$!
exec 5>records
cat alerts.ndjson >&5
wait_until 60 lines_in program 6
arrived() { [ "$(find postponed -name '*.eml' | wc -l)" -ge "$1" ]; }
wait_until 60 arrived 6
exec 5>&-
wait $notifier || fail "a channel that is away: $?"
same 'given up' "$(grep -c 'given up after 20s: cannot connect' gone)" 6

# 8. Alertmanager's webhook in, and the same out.
stand_in
notify --webhook "$url/hook,format=alertmanager" alerts.ndjson || fail "out: $?"
jq -c 'select(.service == "webhook").body' kept >out.ndjson
notify --webhook "$url/back" out.ndjson || fail "in: $?"
same 'out and in' "$(tail -n 6 kept | jq -c '.body | [.state, .level, .rule, .plantId, .message]')" "$(jq -c '[.state, .level, .rule, .plantId, .message]' alerts.ndjson)"
echo "every error of every channel: none lost, doubles only with their id"

# 9. Silences are read again when their file changes: what they held is told, a file with a mistake changes nothing.
silence() { printf '[[silence]]\nmatch = "rule == '"'%s'"'"\n' "$1" >silences.new && mv silences.new silences.toml; }
begins() { printf '{"timestamp":"2026-07-02T13:00:00Z","state":"firing","level":"warning","rule":"%s"}\n' "$1" >&6; }
mkfifo changing
rm -f program history
silence a
timeout 900 alert-notify --program "sh -c 'cat >>program'" --history-file history --silences silences.toml changing 2>words &
notifier=$!
exec 6>changing
begins a
wait_until 20 lines_in history 1
silence b
wait_until 20 lines_in program 1
echo 'match' >silences.new && mv silences.new silences.toml # half a file has no mistake
complained() { grep -F 'the silences stay as they were' words; }
wait_until 20 complained
begins b
begins c
wait_until 20 lines_in program 2
exec 6>&-
wait $notifier || fail "silences that change: $?"
same 'silences that change' "$(jq -r '[.state, .why, (.subject | ltrimstr("⚠️ WARNING: "))] | join(" ")' history | xargs)" \
  'silenced program a delivered program a silenced program b delivered program c'
echo "silences hold from when their file has changed"

# 10. SIGTERM ends a run whose channel is away: what has not arrived is counted and named, and a reject.
rm -f history
timeout 900 alert-notify --webhook "http://127.0.0.1:$dead/" --program "sh -c 'cat >>program'" --rejects stopped --strict --history-file history alerts.ndjson 2>words &
notifier=$!
delivered() { [ "$(grep -c '"delivered"' history)" = 6 ]; }
wait_until 60 delivered
wait_until 60 lines_in history 7
kill -TERM $notifier
status=0
wait $notifier || status=$?
same 'SIGTERM' "$status $(jq -r 'select(.reason | test("^webhook refuses it: given up as the run was stopped: (cannot connect|an attempt)")).line' stopped | xargs) $(jq -r 'select(.state == "refused").channel' history | xargs)" \
  '1 1 2 3 4 5 6 webhook webhook webhook webhook webhook webhook'
grep -qE 'stopped before all records had arrived; 6 messages have not, and are rejects; the first is .*-1 of line 1 for webhook \(cannot connect' words || fail "SIGTERM: $(cat words)"
echo "what a stopped run has not delivered is counted, named and kept"
