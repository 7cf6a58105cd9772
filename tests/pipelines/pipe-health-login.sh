#!/usr/bin/env bash
# pipe-health over TLS and with users: certificates are verified, passwords come from files and variables, and stand nowhere; its own page, too.
# labels: mqtt kafka redis pg smtp
# tools: pipe-health
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
source "$WEIR_SOURCE/tests/support/certificates.sh"
fail() { echo "FAILED: $*" >&2; cat found errors >&2; exit 1; }

authority ours
authority theirs
certificate server DNS:localhost
certificate device DNS:device
chmod 644 ./*.key
password='S3cret,of=the broker'
printf '%s\n' "$password" >secret
printf 'wrong\n' >wrong
chmod 600 secret wrong

mkdir -p mosquitto
mosquitto_passwd -c -b mosquitto/users ana "$password"
chmod 644 mosquitto/users
need_program mosquitto
MQTT_PORT=$(free_port)
cat >mosquitto/mosquitto.conf <<END
listener $MQTT_PORT 127.0.0.1
password_file $PARTS/mosquitto/users
certfile $PARTS/server.pem
keyfile $PARTS/server.key
END
[ "$(id -u)" -ne 0 ] || echo "user root" >>mosquitto/mosquitto.conf
run_mosquitto
tls_port=$(free_port)
start_redis --requirepass "$password" --tls-port "$tls_port" --tls-cert-file "$PARTS/server.pem" --tls-key-file "$PARTS/server.key" \
  --tls-ca-cert-file "$PARTS/ours.pem" --tls-auth-clients yes

# look STATUS TEXT ARGUMENT…: all checks have that status, and the text is in a problem.
look() {
  local want=$1 text=$2 status=0
  shift 2
  pipe-health --timeout 30s "$@" >found 2>errors || status=$?
  [ "$(jq -r .status found | sort -u)" = "$want" ] || fail "not $want: $*"
  [ "$want:$status" = healthy:0 ] || [ "$want:$status" = unhealthy:1 ] || fail "exit $status: $*"
  grep -F -- "$text" found >/dev/null || fail "no '$text': $*"
  ! grep -F -- "$password" found errors >/dev/null || fail "the password is shown by: $*"
}

broker=(--check "broker=mqtts://ana@localhost:$MQTT_PORT")
look healthy '' "${broker[@]}" --cafile ours.pem --password-file broker=secret
MQTT_PASSWORD=$password look healthy '' "${broker[@]}" --cafile ours.pem
BROKER_PASSWORD=$password MQTT_PASSWORD=wrong look healthy '' "${broker[@]}" --cafile ours.pem
look unhealthy 'the password in the variable' "${broker[@]}" --cafile ours.pem --password-file broker=wrong
look unhealthy 'see --cafile' "${broker[@]}" --cafile theirs.pem --password-file broker=secret

cache=(--check "cache=rediss://localhost:$tls_port" --password-file cache=secret)
look healthy '' "${cache[@]}" --cafile ours.pem --client-cert device.pem --client-key device.key
look unhealthy 'see --cafile' "${cache[@]}" --cafile theirs.pem --client-cert device.pem --client-key device.key
echo "MQTT and Redis: verified, logged in, and no secret is shown"

# --- PostgreSQL takes ana's password and device's certificate, both over TLS alone
start_postgres
source "$WEIR_SOURCE/tests/support/pg.sh"
logins_over_tls "$password"
cp device.key own.key
chmod 600 own.key
database="postgres://ana@localhost:$PGPORT/postgres"
look healthy '' --check "db=$database" --cafile ours.pem --password-file db=secret
DB_PASSWORD=$password look healthy '' --check "db=$database?sslmode=require"
PGPASSWORD=$password look healthy '' --check "db=$database" --cafile ours.pem
look healthy '' --check "db=postgres://device@localhost:$PGPORT/postgres" --cafile ours.pem --client-cert device.pem --client-key own.key
look unhealthy 'password authentication failed' --check "db=$database" --cafile ours.pem --password-file db=wrong
look unhealthy 'certificate verify failed' --check "db=$database" --cafile theirs.pem --password-file db=secret
stop_postgres
echo "PostgreSQL: verified, logged in by password and by certificate, and no secret is shown"

# --- mail over TLS from the first byte, with a user
start_smtp --tls server.pem server.key --user ana --password "$password"
mail=(--check "mail=smtps://ana@localhost:$SMTP_PORT")
look healthy '' "${mail[@]}" --cafile ours.pem --password-file mail=secret
SMTP_PASSWORD=$password look healthy '' "${mail[@]}" --cafile ours.pem
look unhealthy '535' "${mail[@]}" --cafile ours.pem --password-file mail=wrong
look unhealthy 'certificate' "${mail[@]}" --cafile theirs.pem --password-file mail=secret
stop_smtp
# The same over a connection that becomes TLS; a server that does not offer it gets no password.
start_smtp --starttls server.pem server.key --user ana --password "$password"
mail=(--check "mail=smtp://ana@localhost:$SMTP_PORT?starttls=yes")
look healthy '' "${mail[@]}" --cafile ours.pem --password-file mail=secret
look unhealthy '535' "${mail[@]}" --cafile ours.pem --password-file mail=wrong
look unhealthy 'certificate' "${mail[@]}" --cafile theirs.pem --password-file mail=secret
stop_smtp
start_smtp
look unhealthy 'STARTTLS' --check "mail=smtp://localhost:$SMTP_PORT?starttls=yes" --cafile ours.pem
look healthy '' --check "mail=smtp://localhost:$SMTP_PORT"
[ -z "$(ls mails)" ] || fail "a check has sent a mail"
stop_smtp
echo "mail: verified, logged in, nothing sent, and no secret is shown"

start_kafka secure
certificates=$KAFKA_CERTIFICATES password=$KAFKA_ANA
look healthy '' --check "kafkas://$KAFKA_TLS" --cafile "$certificates/ours.pem"
look unhealthy certificate --check "kafkas://$KAFKA_TLS" --cafile "$certificates/theirs.pem"
KAFKA_PASSWORD=$password look healthy '' --check "kafkas://ana@$KAFKA_LOGIN?sasl=PLAIN" --cafile "$certificates/ours.pem"
KAFKA_PASSWORD=wrong look unhealthy 'uthentication' --check "kafkas://ana@$KAFKA_LOGIN?sasl=PLAIN" --cafile "$certificates/ours.pem"
echo "Kafka: verified, logged in, and no secret is shown"

# --- its own page over TLS, with users; another pipe-health looks at it
port=$(free_port)
printf 'ana:geheim\nein-token\n' >users
chmod 600 users
pipe-health "${broker[@]}" --cafile ours.pem --password-file broker=secret --listen "127.0.0.1:$port" --cert server.pem --key server.key \
  --auth-file users 2>served.log &
parts_pids+=("$!")
page() { curl -s --cacert ours.pem -o body -w '%{http_code}' "$@"; }
answers() { [ "$(page "${@:2}")" = "$1" ]; }
wait_until 20 answers 200 -u ana:geheim "https://localhost:$port/healthz"
answers 401 "https://localhost:$port/healthz"
answers 401 -u ana:falsch "https://localhost:$port/metrics"
answers 200 -H 'Authorization: Bearer ein-token' "https://localhost:$port/metrics"
look healthy '' --check "itself=https://localhost:$port/livez" --cafile ours.pem
look unhealthy 'it answers 401' --check "itself=https://localhost:$port/healthz" --cafile ours.pem
look unhealthy 'see --cafile' --check "itself=https://localhost:$port/livez" --cafile theirs.pem
# InfluxDB's check takes the same way. A server that asks for a password is there.
look healthy '' --check "points=influxs://localhost:$port" --cafile ours.pem
look unhealthy 'see --cafile' --check "points=influxs://localhost:$port" --cafile theirs.pem
echo "its own page: TLS, users, and liveness without a password"
