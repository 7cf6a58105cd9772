#!/usr/bin/env bash
# labels: mqtt
# tools: mqtt-pub mqtt-sub
# timeout: 300
# TLS with a test authority, user and password, what a broker refuses, and that no secret is ever shown.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
source "$WEIR_SOURCE/tests/support/certificates.sh"
fail() { echo "FAILED: $*" >&2; exit 1; }

authority ours
authority theirs
certificate server DNS:localhost
certificate device DNS:device
chmod 644 ./*.key

mkdir -p mosquitto
password='S3cret,of=the broker'
mosquitto_passwd -c -b mosquitto/users ana "$password"
printf 'user ana\ntopic readwrite open/#\n' >mosquitto/acl
chmod 644 mosquitto/users mosquitto/acl
need_program mosquitto
plain_port=$(free_port) tls_port=$(free_port) mutual_port=$(free_port)
cat >mosquitto/mosquitto.conf <<END
per_listener_settings true
max_queued_messages 0
listener $plain_port 127.0.0.1
password_file $PARTS/mosquitto/users
acl_file $PARTS/mosquitto/acl
listener $tls_port 127.0.0.1
allow_anonymous true
certfile $PARTS/server.pem
keyfile $PARTS/server.key
listener $mutual_port 127.0.0.1
allow_anonymous true
certfile $PARTS/server.pem
keyfile $PARTS/server.key
cafile $PARTS/ours.pem
require_certificate true
END
[ "$(id -u)" -ne 0 ] || echo "user root" >>mosquitto/mosquitto.conf
MQTT_PORT=$plain_port
run_mosquitto
unset MQTT_PORT

# expect STATUS WORDS COMMAND…: it ends with that status and says those words, within its time.
expect() {
  local want=$1 words=$2 got=0
  shift 2
  echo '{"a":1}' | timeout 300 "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || fail "exit $got, expected $want of: $* $(cat err)"
  grep -qF -- "$words" err || { [ -z "$words" ] && [ ! -s err ]; } || fail "expected '$words' of: $*, got: $(cat err)"
  ! grep -qF "$password" out err || fail "the password is shown by: $*"
}
pub=$WEIR_BIN/mqtt-pub sub=$WEIR_BIN/mqtt-sub

# --- TLS
expect 0 "" "$pub" -t t/kept --retain --host localhost --port "$tls_port" --cafile ours.pem
expect 0 "" "$pub" -t t/kept --retain --host localhost --port "$tls_port" --cafile ours.pem --protocol 5
expect 0 "" "$sub" -t t/kept --count 1 --host localhost --port "$tls_port" --cafile ours.pem
[ "$(cat out)" = '{"a":1}' ] || fail "over TLS came: $(cat out)"
expect 1 "certificate verify failed" "$pub" -t t --host localhost --port "$tls_port" --cafile theirs.pem
expect 1 "certificate verify failed" "$sub" -t t --host localhost --port "$tls_port" --tls
expect 1 "no TLS with 127.0.0.1" "$pub" -t t --host 127.0.0.1 --port "$tls_port" --cafile ours.pem
expect 0 "is not verified" "$pub" -t t --host 127.0.0.1 --port "$tls_port" --cafile theirs.pem --insecure
expect 1 "no TLS with localhost" "$pub" -t t --host localhost --port "$plain_port" --cafile ours.pem
expect 1 "cannot read missing.pem" "$pub" -t t --host localhost --port "$tls_port" --cafile missing.pem
expect 0 "" "$pub" -t t --host localhost --port "$mutual_port" --cafile ours.pem --cert device.pem --key device.key
seq -f '{"n":%.0f}' 20000 >many.ndjson
echo '{"n":0}' | "$pub" -t many --retain --host localhost --port "$tls_port" --cafile ours.pem
timeout 600 "$sub" -t many --count 20001 --host localhost --port "$tls_port" --cafile ours.pem >got.ndjson &
subscriber=$!
wait_until 10 grep -q . got.ndjson
"$pub" -t many --host localhost --port "$tls_port" --cafile ours.pem many.ndjson
wait $subscriber
tail -n +2 got.ndjson | cmp many.ndjson - || fail "20,000 records over TLS are not the same"
echo "TLS: verified by our authority, refused by another, by the system's and for another name; 20,000 records"

# --- who may, and what
secret=secret.txt
printf '%s\n' "$password" >$secret
chmod 600 $secret
export MQTT_HOST=localhost MQTT_PORT=$plain_port
expect 0 "" "$pub" -t open/a --retain --user ana --password-file $secret
expect 0 "" env MQTT_USER=ana MQTT_PASSWORD="$password" "$sub" -t open/a --count 1
expect 1 "refuses the connection" "$pub" -t open/a --user ana --password-file <(echo wrong)
expect 1 "refuses the connection" env MQTT_PASSWORD=wrong "$pub" -t open/a --user ana --protocol 5
expect 1 "line 1: the broker refuses it" "$pub" -t closed/a --user ana --password-file $secret --protocol 5
expect 0 "" "$pub" -t open/a --user ana --password-file $secret --protocol 5 --rejects none.ndjson
chmod 644 $secret
expect 2 "others can read it" "$pub" -t open/a --user ana --password-file $secret
echo "users: let in by file and by environment, turned away with exit 1; what the broker refuses (MQTT 5) is a reject"

# mosquitto refuses no subscription, so a stand-in of a few bytes does: it takes every client and grants the first filter alone.
port=$(free_port)
/usr/bin/python3 - "$port" <<'PYTHON' &
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    if not client.recv(4096):
        continue
    client.sendall(b"\x20\x02\x00\x00")  # CONNACK
    subscribe = client.recv(4096)
    if subscribe[:1] == b"\x82":
        client.sendall(b"\x90\x04" + subscribe[2:4] + b"\x01\x80")  # SUBACK: QoS 1, failure
PYTHON
parts_pids+=("$!")
wait_until 10 port_open "$port"
MQTT_PORT=$port expect 1 "refuses the subscription to 'closed/#'" "$sub" -t open/a -t 'closed/#'
echo "a subscription that is refused ends with 1"
