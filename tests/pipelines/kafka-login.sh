#!/usr/bin/env bash
# TLS with a test authority, users with PLAIN and SCRAM, what a broker refuses, and that no secret is ever shown.
# labels: kafka
# tools: kafka-pub kafka-sub
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_kafka secure
fail() { echo "FAILED: $*" >&2; exit 1; }
certificates=$KAFKA_CERTIFICATES password=$KAFKA_ANA
unset KAFKA_BROKERS
topic=t$$-login

# expect STATUS TEXT COMMAND…: it ends with that status within its time, and its message has that text; no TEXT: it has no message.
expect() {
  local want=$1 text=$2 got=0
  shift 2
  echo '{"a":1}' | timeout 300 "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || fail "exit $got, expected $want of: $* $(cat err)"
  grep -F -- "$text" err >/dev/null || { [ -z "$text" ] && [ ! -s err ]; } || fail "expected '$text' of: $*, got: $(cat err)"
  ! grep -F -- "$password" out err >/dev/null || fail "the password is shown by: $*"
}
pub() { echo "$WEIR_BIN/kafka-pub -t $topic -b $1"; }
sub() { echo "$WEIR_BIN/kafka-sub -t $topic --from start --until end -b $1"; }

# --- TLS: verified by default.
# shellcheck disable=SC2046 # words on purpose
expect 0 "" $(pub "$KAFKA_TLS") --create-topic partitions=1 --cafile "$certificates/ours.pem"
# shellcheck disable=SC2046
{
  expect 0 "" $(sub "$KAFKA_TLS") --cafile "$certificates/ours.pem"
  [ "$(cat out)" = '{"a":1}' ] || fail "over TLS came: $(cat out)"
  expect 1 "certificate verify failed" $(pub "$KAFKA_TLS") --cafile "$certificates/theirs.pem"
  expect 1 "certificate verify failed" $(sub "$KAFKA_TLS") --cafile "$certificates/theirs.pem"
  expect 1 "certificate verify failed" $(sub "$KAFKA_TLS") --tls # by the system's authorities
  expect 1 "certificate verify failed" $(pub "${KAFKA_TLS/localhost/127.0.0.1}") --cafile "$certificates/ours.pem" # another name
  expect 0 "are not verified" $(pub "${KAFKA_TLS/localhost/127.0.0.1}") --cafile "$certificates/theirs.pem" --insecure
  expect 1 "cannot read missing.pem" $(pub "$KAFKA_TLS") --cafile missing.pem
  expect 0 "" $(pub "$KAFKA_MUTUAL") --cafile "$certificates/ours.pem" --cert "$certificates/client.pem" --key "$certificates/client.key"
  expect 1 "certificate" $(pub "$KAFKA_MUTUAL") --cafile "$certificates/ours.pem"
}
echo "kafka-login: TLS is verified by our authority, refused by another, by the system's and for another name"

# --- Users: a password comes from a file or the environment.
printf '%s\n' "$password" >secret
printf 'wrong\n' >wrong
chmod 600 secret wrong
# shellcheck disable=SC2046
by_mechanism() {
  expect 0 "" $(pub "$KAFKA_PLAIN_LOGIN") --sasl "$1" --user ana --password-file secret
  expect 0 "" env KAFKA_USER=ana KAFKA_PASSWORD="$password" $(sub "$KAFKA_LOGIN") --sasl "$1" --cafile "$certificates/ours.pem"
  [ -s out ] || fail "nothing came by $1"
  expect 1 "uthentication failed" $(pub "$KAFKA_PLAIN_LOGIN") --sasl "$1" --user ana --password-file wrong
}
by_mechanism PLAIN
# Debian 12's librdkafka cannot log in by SCRAM to Kafka 4 and says so; the tools then run with the library of confluent-kafka.
version=$(pkg-config --modversion rdkafka)
if [ "$(printf '%s\n' 2.6.1 "$version" | sort -V | head -1)" != 2.6.1 ]; then
  # shellcheck disable=SC2046
  expect 1 "librdkafka $version cannot log in by SCRAM to Kafka 4" $(pub "$KAFKA_PLAIN_LOGIN") --user ana --password-file secret
  python=$(python_with confluent-kafka==2.16.1)
  mkdir newer
  ln -s "$("$python" -c 'import glob, os, confluent_kafka
print(glob.glob(os.path.dirname(os.path.dirname(confluent_kafka.__file__)) + "/confluent_kafka.libs/librdkafka-*.so.1")[0])')" newer/librdkafka.so.1
  export LD_LIBRARY_PATH=$PWD/newer
fi
by_mechanism SCRAM-SHA-256
by_mechanism SCRAM-SHA-512
# shellcheck disable=SC2046
expect 1 "uthentication failed" $(sub "$KAFKA_LOGIN") --user nobody --password-file secret --cafile "$certificates/ours.pem"
chmod 644 secret
# shellcheck disable=SC2046
expect 2 "others can read it" $(pub "$KAFKA_PLAIN_LOGIN") --user ana --password-file secret
echo "kafka-login: users by PLAIN and SCRAM, from a file and from the environment; a wrong password ends with 1"
