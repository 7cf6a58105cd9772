# Kafka: one broker, or three. Sets KAFKA_BROKERS; the logs are $PARTS/kafka/N/log. The jars come from Maven Central, once.
# packages: default-jre-headless maven kcat python3-confluent-kafka
# shellcheck shell=bash disable=SC2154

KAFKA_JARS=${WEIR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}/kafka-4.3.1

# Whether the jars of this pom.xml are there.
has_kafka() { [ -e "$KAFKA_JARS/complete" ] && cmp -s "$parts_source/scripts/servers/kafka/pom.xml" "$KAFKA_JARS/pom.xml"; }

# Downloads the jars (54 MB) where they are not there yet.
fetch_kafka() {
  ! has_kafka || return 0
  need_program mvn
  mkdir -p "$KAFKA_JARS"
  (
    flock 9
    ! has_kafka || exit 0
    echo "kafka: the jars of the broker are downloaded into $KAFKA_JARS" >&2
    rm -f "$KAFKA_JARS/complete"
    cp "$parts_source/scripts/servers/kafka/pom.xml" "$KAFKA_JARS/pom.xml"
    cd "$KAFKA_JARS" || exit
    mvn -q -B dependency:copy-dependencies -DoutputDirectory=libs -DincludeScope=runtime >maven.log 2>&1 ||
      { cat maven.log >&2; echo "kafka: the jars could not be downloaded" >&2; exit 1; }
    touch complete
  ) 9>"$KAFKA_JARS/lock"
}

# A broker's heap. A test that measures delays gives it more: a small one is collected every two seconds, for 10 ms.
KAFKA_HEAP=(-Xmx512m)
KAFKA_JAVA=(java -Xshare:auto -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$KAFKA_JARS/libs/*")
run_java() { "${KAFKA_JAVA[@]}" "$@"; }

# start_kafka [secure] [BROKERS] [LINE…]: lines are added to the configuration of each broker. Three brokers keep three replicas of each
# partition, and need two. `secure` adds listeners, whose addresses are in KAFKA_TLS, KAFKA_MUTUAL (TLS, with a client's certificate),
# KAFKA_LOGIN (TLS, with a user) and KAFKA_PLAIN_LOGIN; certificates are in KAFKA_CERTIFICATES, and user ana has KAFKA_ANA as password.
# Without a count or lines the broker may be one that several tests share: the file that WEIR_KAFKA names holds its address.
start_kafka() {
  local secure=no
  if [ "${1:-}" = secure ]; then secure=secure; shift; fi
  if [ $# -eq 0 ] && [ -s "${WEIR_KAFKA:-}" ]; then
    KAFKA_BROKERS=$(cat "$WEIR_KAFKA")
    export KAFKA_BROKERS
    # shellcheck disable=SC1091
    [ $secure = no ] || source "$(dirname "$WEIR_KAFKA")/secure"
    return
  fi
  local count=1 i
  if [ $# -gt 0 ]; then count=$1; shift; fi
  make_kafka $secure "$count" "$@"
  for ((i = 1; i <= count; i++)); do run_kafka "$i"; done
  wait_until 60 kafka_answers "$count" || { cat "$PARTS"/kafka/*/log >&2; exit 1; }
}

# make_kafka secure|no BROKERS [LINE…]: what start_kafka starts: the configuration, and folders for the data.
make_kafka() {
  local secure=$1 count=$2 voters='' replicas least id i
  local -a ports=() controllers=() users=()
  shift 2
  need_program java
  fetch_kafka
  KAFKA_BROKERS=
  for ((i = 1; i <= count; i++)); do
    ports[i]=$(free_port)
    controllers[i]=$(free_port)
    voters+="${voters:+,}$i@127.0.0.1:${controllers[i]}"
    KAFKA_BROKERS=${KAFKA_BROKERS:+$KAFKA_BROKERS,}127.0.0.1:${ports[i]}
  done
  export KAFKA_BROKERS
  replicas=$count least=1
  [ "$count" -lt 3 ] || least=2
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | cut -c1-22)
  for ((i = 1; i <= count; i++)); do
    mkdir -p "$PARTS/kafka/$i"
    cat >"$PARTS/kafka/$i/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$i
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:${ports[i]},CONTROLLER://127.0.0.1:${controllers[i]}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports[i]}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$PARTS/kafka/$i/data
num.partitions=3
default.replication.factor=$replicas
min.insync.replicas=$least
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$least
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$least
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=1000
controller.quorum.fetch.timeout.ms=2000
PROPERTIES
    [ "$secure" = no ] || secure_kafka "$i"
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$PARTS/kafka/$i/server.properties"
    run_java kafka.tools.StorageTool format -t "$id" "${users[@]}" -c "$PARTS/kafka/$i/server.properties" >>"$PARTS/kafka/$i/log" 2>&1 ||
      { cat "$PARTS/kafka/$i/log" >&2; exit 1; }
  done
  PARTS_KAFKA=()
}

# secure_kafka N: adds the other listeners to the configuration of broker N, and the users to `users` of start_kafka.
secure_kafka() {
  local file=$PARTS/kafka/$1/server.properties tls mutual login plain name
  KAFKA_CERTIFICATES=$PARTS/kafka/certificates KAFKA_ANA='S3cret: of the broker'
  if [ ! -d "$KAFKA_CERTIFICATES" ]; then
    mkdir -p "$KAFKA_CERTIFICATES"
    (
      source "$parts_source/tests/support/certificates.sh"
      cd "$KAFKA_CERTIFICATES" || exit
      authority ours
      authority theirs
      for name in broker client; do
        certificate $name DNS:localhost
        cat $name.key $name.pem >$name.both
      done
    )
  fi
  tls=$(free_port) mutual=$(free_port) login=$(free_port) plain=$(free_port)
  KAFKA_TLS=${KAFKA_TLS:+$KAFKA_TLS,}localhost:$tls
  KAFKA_MUTUAL=${KAFKA_MUTUAL:+$KAFKA_MUTUAL,}localhost:$mutual
  KAFKA_LOGIN=${KAFKA_LOGIN:+$KAFKA_LOGIN,}localhost:$login
  KAFKA_PLAIN_LOGIN=${KAFKA_PLAIN_LOGIN:+$KAFKA_PLAIN_LOGIN,}127.0.0.1:$plain
  sed -i -e "/^listeners=/s/\$/,TLS:\/\/127.0.0.1:$tls,MUTUAL:\/\/127.0.0.1:$mutual,LOGIN:\/\/127.0.0.1:$login,OPEN:\/\/127.0.0.1:$plain/" \
    -e "/^advertised.listeners=/s/\$/,TLS:\/\/localhost:$tls,MUTUAL:\/\/localhost:$mutual,LOGIN:\/\/localhost:$login,OPEN:\/\/127.0.0.1:$plain/" \
    -e '/^listener.security.protocol.map=/s/$/,TLS:SSL,MUTUAL:SSL,LOGIN:SASL_SSL,OPEN:SASL_PLAINTEXT/' "$file"
  cat >>"$file" <<PROPERTIES
ssl.keystore.type=PEM
ssl.keystore.location=$KAFKA_CERTIFICATES/broker.both
ssl.truststore.type=PEM
ssl.truststore.location=$KAFKA_CERTIFICATES/ours.pem
listener.name.mutual.ssl.client.auth=required
PROPERTIES
  for name in login open; do
    cat >>"$file" <<PROPERTIES
listener.name.$name.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.$name.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_ana="$KAFKA_ANA";
listener.name.$name.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.$name.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
PROPERTIES
  done
  users=()
  for name in 256 512; do users+=(--add-scram "SCRAM-SHA-$name=[name=\"ana\",password=\"$KAFKA_ANA\"]"); done
}

# run_kafka N: starts broker N with its configuration and data.
run_kafka() {
  exec "${KAFKA_JAVA[@]}" "${KAFKA_HEAP[@]}" kafka.Kafka "$PARTS/kafka/$1/server.properties" >>"$PARTS/kafka/$1/log" 2>&1 &
  PARTS_KAFKA[$1]=$!
  parts_pids+=("$!")
}

# Whether so many brokers are there.
kafka_answers() { [ "$(kcat -b "$KAFKA_BROKERS" -m 3 -L 2>/dev/null | grep -c '^  broker ')" -ge "$1" ]; }

stop_kafka() { end_process "${PARTS_KAFKA[${1:-1}]}"; }
kill_kafka() {
  kill -9 "${PARTS_KAFKA[${1:-1}]}" 2>/dev/null || true
  wait "${PARTS_KAFKA[${1:-1}]}" 2>/dev/null || true
}

# kafka_settled TOPIC…: waits until no transaction is open in the topics. A commit returns before its markers are there, and until they are
# readers of committed messages stop before what was committed.
kafka_settled() { PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$parts_source/tests/support/kafka_settled.py" "$KAFKA_BROKERS" "$@"; }

# make_topic NAME PARTITIONS [CONFIG=VALUE…]
make_topic() {
  local name=$1 partitions=$2 configs=() each
  shift 2
  for each; do configs+=(--config "$each"); done
  run_java org.apache.kafka.tools.TopicCommand --bootstrap-server "$KAFKA_BROKERS" --create --if-not-exists --topic "$name" --partitions "$partitions" "${configs[@]}" >/dev/null
}
