#!/usr/bin/env bash
# The room net/registry with a real registry: what is added is found, what is not compatible is refused.
# References are tested by the room's unit test: this version of Apicurio does not know them.
# kafka-pub and kafka-sub exchange messages through it with confluent-kafka.
# labels: registry kafka
# builds: release
# tools: kafka-pub kafka-sub
# timeout: 900
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_registry
ask() { "$WEIR_BIN/../tests/registry-ask" "$SCHEMA_REGISTRY_URL" "$@"; }
# refused STATUS PATTERN ARGUMENT…: the question ends with this status, and its message matches.
refused() {
  local wanted=$1 pattern=$2 status=0
  shift 2
  ask "$@" >answer 2>message || status=$?
  [ "$status" = "$wanted" ] || { echo "registry-ask $*: exit $status" >&2; cat answer message >&2; exit 1; }
  grep -E "$pattern" message >/dev/null || { echo "registry-ask $*: no $pattern in:" >&2; cat message >&2; exit 1; }
}
same() { [ "$1" = "$2" ] || { printf 'FAILED: %s\ngot:    %s\nwanted: %s\n' "$3" "$1" "$2" >&2; exit 1; }; }

schema='{"type":"record","name":"R","fields":[{"name":"id","type":"long"}]}'
echo "$schema" >first
echo '{"type":"record","name":"R","fields":[{"name":"id","type":"long"},{"name":"x","type":"int","default":0}]}' >second
echo '{"type":"record","name":"R","fields":[{"name":"id","type":"string"}]}' >other
echo '{"type":"record"' >broken

ask add t-value first >added
read -r id _ <added
same "$(ask add t-value first | awk 'NR == 1 { print $1 }')" "$id" "a schema has one number"
same "$(ask id "$id" | awk 'NR > 1')" "$schema" "the schema of a number"
same "$(ask look-up t-value first | awk 'NR == 1')" "$id 1 AVRO" "a schema is found"
refused 4 'does not have /subjects/t-value' look-up t-value second
ask add t-value second >/dev/null
same "$(ask latest t-value | awk 'NR == 1 { print $2, $3 }')" "2 AVRO" "the latest version"
refused 2 'refuses /subjects/t-value/versions with 409' add t-value other
refused 2 'refuses /subjects/u-value/versions with 422' add u-value broken
refused 4 'does not have /schemas/ids/99999' id 99999
refused 4 'does not have /subjects/none/versions/latest' latest none

# shellcheck disable=SC2016
echo '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}' >json
id=$(ask add j-value json JSON | awk 'NR == 1 { print $1 }')
same "$(ask id "$id" | awk 'NR == 1 { print $3 }')" JSON "the type of a JSON Schema"

# Messages of kafka-pub for confluent-kafka's AvroDeserializer, and of its AvroSerializer for kafka-sub.
start_kafka
python=$(python_with fastavro==1.13.1 requests==2.32.3)
topic=t$$-apicurio
echo '{"type":"record","name":"Reading","fields":[{"name":"id","type":"string"},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"value","type":["null","double"],"default":null}]}' >reading.avsc
for ((n = 0; n < 200; n++)); do
  printf '{"id":"s%d","at":"2026-07-01T12:00:%02d.250Z","value":%s}\n' $n $((n % 60)) "$([ $((n % 3)) = 0 ] && echo null || echo "$n.5")"
done >readings
kafka-pub -t "$topic" -k id --registry "$SCHEMA_REGISTRY_URL" --avro-schema reading.avsc --create-topic partitions=1 readings
cat >exchange.py <<'PYTHON'
import json, sys
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
brokers, topic, url = sys.argv[1:]
registry, schema = SchemaRegistryClient({"url": url}), open("reading.avsc").read()
read, write = AvroDeserializer(registry, schema), AvroSerializer(registry, schema)
consumer, producer = Consumer({"bootstrap.servers": brokers, "group.id": topic}), Producer({"bootstrap.servers": brokers})
consumer.assign([TopicPartition(topic, 0, 0)])
for line in open("readings"):
    wanted, message = json.loads(line), consumer.poll(60)
    got = read(message.value(), SerializationContext(topic, MessageField.VALUE))
    assert (got["id"], got["value"]) == (wanted["id"], wanted["value"]), got
    assert got["at"].isoformat(timespec="milliseconds").replace("+00:00", "Z") == wanted["at"], got
    producer.produce(topic + "-back", write(got, SerializationContext(topic + "-back", MessageField.VALUE)), partition=0)
assert producer.flush(60) == 0
PYTHON
PYTHONPATH=/usr/lib/python3/dist-packages "$python" exchange.py "$KAFKA_BROKERS" "$topic" "$SCHEMA_REGISTRY_URL"
cmp <(kafka-sub -t "$topic-back" --from start --until end --registry "$SCHEMA_REGISTRY_URL") readings
# Without a frame, by the schema that the subject has.
kafka-pub -t "$topic-bare" --avro-schema reading.avsc --create-topic partitions=1 readings
cmp <(kafka-sub -t "$topic-bare" --from start --until end --registry "$SCHEMA_REGISTRY_URL" --subject "$topic-value") readings

stop_registry
refused 1 'was away for 2s' id 1
