#!/usr/bin/env bash
# What dash-serve does for programs: streams, slow clients, TLS and passwords, subscriptions with real mails, its ends.
# labels: smtp
# tools: dash-serve summary-mail csv-append
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_smtp
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

# serve NAME OPTIONS…: dash-serve on a FIFO that is open at descriptor 9; its address in $at, its process in $pid.
serve() {
  local name=$1
  shift
  mkfifo "$name.in"
  dash-serve --listen "127.0.0.1:${port:-0}" "$@" <"$name.in" >"$name.out" 2>"$name.err" &
  pid=$!
  parts_pids+=("$pid")
  exec 9>"$name.in"
  wait_until 20 grep -q '://' "$name.err"
  at=$(grep -o 'https\{0,1\}://[^ ]*' "$name.err" | head -1)
}
ended() { ! kill -0 "$pid" 2>/dev/null; }

# --- the stream, in the middle of a pipe
serve middle --by city --pass --feed 64K
/usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-clients" streams "$at" 9>&9
exec 9>&-
wait_until 20 grep -q 'input has ended' middle.err
[ "$(curl -s -o health -w '%{http_code}' "${at}healthz")" = 503 ]
jq -e '.status == "unhealthy" and .checks.input.status == "ended"' health >/dev/null
echo "at the end of the input the page stays up and says so; healthz gives 503"
kill -TERM "$pid"
wait "$pid"
cmp middle.out streams.sent
echo "with --pass standard output is the input, byte for byte: $(wc -l <middle.out) records"

# --- TLS and passwords
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' 2>/dev/null
printf '# who may look\nana:a:long password\nprometheus-token\n' >auth
chmod 600 auth
serve tls --cert cert.pem --key key.pem --auth-file auth
echo '{"city":"Athens","temperature_c":1}' >&9
code() { curl -s --cacert cert.pem -o body -w '%{http_code}' "$@"; }
[ "$(code "$at")" = 401 ] && [ "$(code -u 'ana:wrong' "$at")" = 401 ] && [ "$(code -u 'ana:a:long password' "$at")" = 200 ]
[ "$(code -H 'Authorization: Bearer prometheus-token' "${at}metrics")" = 200 ] && [ "$(code "${at}healthz")" = 200 ]
[ "$(code "${at}ws")" = 401 ] && [ "$(code --tls-max 1.1 "$at")" = 000 ] && ! grep -q 'long password' tls.err
/usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-clients" secure "$at" 9>&9
echo "TLS: passwords and tokens are asked for, on the stream too"
kill -TERM "$pid"
wait "$pid"
exec 9>&-

# --- subscriptions: the form, the greeting by mail, the link in it
printf 'email,cities,name,timezone\nbob@example.org,Oslo,Bob,Europe/Oslo\n' >subscribers.csv
export WEIR_UNSUBSCRIBE_SECRET='a secret that nobody knows'
port=$(free_port)
serve mail --by city --subscribers subscribers.csv --on-subscribe 'summary-mail -q --confirm {email} --link {link}' \
  --on-confirm "summary-mail -q --welcome {email} --subscribers subscribers.csv --unsubscribe 'http://127.0.0.1:$port/unsubscribe?email={{email}}&token={{token}}'"
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
printf '{"timestamp":"%s","city":"%s","temperature_c":%s,"humidity":40,"weather":"few clouds"}\n' "$now" Athens 21.5 "$now" Oslo -7.5 >&9
wait_until 20 bash -c "curl -s ${at}api/latest | jq -e 'length == 2'"
post() { curl -s -o body -w '%{http_code}' -H "Origin: ${at%/}" "$@"; }
[ "$(curl -s -o body -w '%{http_code}' -d email=eve@example.org "${at}subscribe")" = 403 ]
[ "$(curl -s -o body -w '%{http_code}' -H 'Origin: http://evil.example' -d email=eve@example.org "${at}subscribe")" = 403 ]
for bad in 'email=' 'email=a%0d%0aBcc: eve@example.org' 'email=-rf@example.org' 'email=a@example.org&city=x%3By' 'email=a@example.org&city=x%0ay' 'email=a@example.org&city=%3Dcmd()' \
  'email=%60id%7Ctee%24%7BIFS%7DPWNED%60@x.org'; do
  [ "$(post -d "$bad" "${at}subscribe")" = 400 ]
done
# The link in the mail of that number: what it leads to is asked for by GET and done by POST.
link_in() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import email, email.policy, re, sys
text = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default).get_body(("plain",)).get_content()
print(re.search(r"http://\S*(?:token|request)=\S*", text)[0])
PYTHON
}
code_of() { curl -s -o body -w '%{http_code}' "$@"; }
before=$(cat subscribers.csv)
[ "$(post -d 'email=ana%2Bweather@example.org&city=Athens&timezone=Europe/Athens' "${at}subscribe")" = 200 ]
cp body answer
wait_until 60 test -e mails/0001.eml
grep -q '^X-Envelope-To: ana+weather@example.org' mails/0001.eml
confirm=$(link_in mails/0001.eml)
[ "$(cat subscribers.csv)" = "$before" ]
[ "$(code_of "$confirm")" = 200 ] && grep -q 'of Athens' body && grep -q '<button' body
[ "$(code_of -d x=y "${confirm%?????}aaaaa")" = 403 ]
[ "$(cat subscribers.csv)" = "$before" ]
[ "$(code_of -d x=y "$confirm")" = 200 ]
grep -qx 'ana+weather@example.org,Athens,,Europe/Athens' subscribers.csv
wait_until 60 test -e mails/0002.eml
link_in mails/0002.eml >leave.url
grep -qF 21.5 mails/0002.eml
if grep -F -e '-7.5' mails/0002.eml; then exit 1; fi
echo "a subscription: a mail with a link, its row, and a greeting with the latest reading of Athens alone"
[ "$(post -d 'email=Ana%2BWeather@example.org&city=Oslo' "${at}subscribe")" = 200 ]
cmp body answer
wait_until 60 test -e mails/0003.eml
[ "$(grep -c 'Athens,,Europe/Athens' subscribers.csv)" = 1 ]
[ "$(code_of -d x=y "$(link_in mails/0003.eml)")" = 200 ]
grep -qx 'ana+weather@example.org,Oslo,,Europe/Athens' subscribers.csv
[ "$(wc -l <subscribers.csv)" = 3 ]
wait_until 60 test -e mails/0004.eml
link=$(cat leave.url)
[ "$(curl -s -o body -w '%{http_code}' "${link%?????}aaaaa")" = 403 ]
[ "$(curl -s -o body -w '%{http_code}' "${link/ana/bob}")" = 403 ]
[ "$(curl -s -o body -w '%{http_code}' "$link")" = 200 ]
grep -q '<button' body
[ "$(wc -l <subscribers.csv)" = 3 ]
[ "$(curl -s -o body -w '%{http_code}' -d List-Unsubscribe=One-Click "$link")" = 200 ]
[ "$(cat subscribers.csv)" = "$(printf 'email,cities,name,timezone\nbob@example.org,Oslo,Bob,Europe/Oslo')" ]
echo "a known address gets the same answer and is updated by its link; the mail's link leaves the list, another's token does not"
exec 9>&-
kill -TERM "$pid"
wait "$pid"

# --- its ends: what is on its way arrives, then a proper goodbye (1001, going away)
port=0
goodbye() {
  rm -f listening
  /usr/bin/python3 "$WEIR_SOURCE/tests/support/dash-clients" goodbye "$at" 9>&- >goodbye &
  client=$!
  wait_until 30 test -e listening
}
serve term
goodbye
kill -TERM "$pid"
wait "$pid"
wait "$client"
[ "$(cat goodbye)" = "0 records, 0 ends, closed with 1001" ] || { cat goodbye; exit 1; }
exec 9>&-
serve end --exit-on-eof
goodbye
for ((i = 0; i < 5000; i++)); do printf '{"n":%d}\n' $i; done >&9
exec 9>&-
wait "$pid"
wait "$client"
[ "$(cat goodbye)" = "5000 records, 1 ends, closed with 1001" ] || { cat goodbye; exit 1; }
echo "SIGTERM says goodbye to clients; with --exit-on-eof they get the last record first"
