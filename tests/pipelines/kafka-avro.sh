#!/usr/bin/env bash
# Records in Avro through a real broker: by a schema's file, and by a registry that is a stand-in: schemas registered, inferred, found, refused;
# a registry that is away is waited for, and nothing is lost meanwhile. fastavro reads the same.
# labels: kafka
# tools: kafka-pub kafka-sub
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_kafka
python=$(python_with fastavro==1.13.1)
export PYTHONPATH=/usr/lib/python3/dist-packages # confluent-kafka
topic=t$$-avro
all() { kafka-sub -t "$1" --until end --from start "${@:2}"; }
same() { [ "$1" = "$2" ] || { printf 'FAILED: %s\ngot:    %s\nwanted: %s\n' "$3" "$1" "$2" >&2; exit 1; }; }
# refused STATUS PATTERN COMMAND…: the command ends with this status, and its message matches.
refused() {
  local wanted=$1 pattern=$2 status=0
  "${@:3}" >refused.out 2>refused.err || status=$?
  [ "$status" = "$wanted" ] && grep -E "$pattern" refused.err >/dev/null || { echo "${*:3}: exit $status" >&2; cat refused.err >&2; exit 1; }
}

# By the schema in a file: decimals, times and nulls come back as they were, and fastavro reads the same.
cat >reading.avsc <<'SCHEMA'
{"type":"record","name":"Reading","namespace":"plant","fields":[
  {"name":"id","type":"string"},
  {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
  {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
  {"name":"value","type":["null","double"],"default":null},
  {"name":"state","type":{"type":"enum","name":"State","symbols":["on","off"]}},
  {"name":"parts","type":{"type":"array","items":"int"}}]}
SCHEMA
cat >readings <<'RECORDS'
{"id":"ä","at":"2026-07-01T12:00:00.250Z","price":12.30,"value":21.5,"state":"on","parts":[1,2]}
{"id":"b","at":"2026-07-01T12:00:01.001Z","price":-0.01,"value":null,"state":"off","parts":[]}
RECORDS
kafka-pub -t "$topic" -k id --avro-schema reading.avsc --create-topic partitions=1 readings
cmp <(all "$topic" --avro-schema reading.avsc) readings
same "$(all "$topic" --avro-schema reading.avsc --meta key | jq -r .key | tr -d '\n')" äb "keys"
same "$(all "$topic" --avro-schema reading.avsc --envelope | jq -c '[.offset, .payload.price]' | tr -d '\n')" '[0,12.3][1,-0.01]' "in an envelope"
cat >read.py <<'PYTHON'
import io, json, sys
import fastavro
from confluent_kafka import Consumer, TopicPartition
brokers, topic = sys.argv[1:3]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": topic})
consumer.assign([TopicPartition(topic, 0, 0)])
schema = fastavro.schema.load_schema("reading.avsc")
for line in open("readings"):
    wanted, message = json.loads(line), consumer.poll(30)
    got = fastavro.schemaless_reader(io.BytesIO(message.value()), schema, None)
    assert (got["id"], float(got["price"]), got["value"], got["state"], got["parts"]) == tuple(wanted[name] for name in ("id", "price", "value", "state", "parts")), got
    assert got["at"].isoformat(timespec="milliseconds") == wanted["at"].replace("Z", "+00:00"), got
PYTHON
"$python" read.py "$KAFKA_BROKERS" "$topic"

# What does not fit is a reject with the path; fields without a place are rejects, too, or are left out.
refused 1 'line 1: .*parts\[1\]: "x" is not an int' kafka-pub -t "$topic-none" --avro-schema reading.avsc <<<'{"id":"c","at":0,"price":1,"state":"on","parts":[1,"x"]}'
extra='{"id":"c","at":0,"price":1,"state":"on","parts":[],"more":1}'
refused 1 'line 1: .*more' kafka-pub -t "$topic-none" --avro-schema reading.avsc <<<"$extra"
refused 0 '1 field left out that the schema does not have' kafka-pub -t "$topic-extra" --avro-schema reading.avsc --ignore-extra <<<"$extra"
same "$(all "$topic-extra" --avro-schema reading.avsc)" '{"id":"c","at":"1970-01-01T00:00:00Z","price":1.00,"value":null,"state":"on","parts":[]}' "a default and a field left out"
echo '{"plain":"json"}' | kafka-pub -t "$topic-plain" --create-topic partitions=1
refused 1 "$topic-plain/0/0" all "$topic-plain" --avro-schema reading.avsc
refused 1 "$topic-plain/0/0: .*no schema number" all "$topic-plain" --registry http://127.0.0.1:1
echo "kafka-avro: records by the schema in a file"

# With a registry: a schema is registered once, and messages name it.
"$WEIR_SOURCE/tests/support/registry-server" port &
parts_pids+=("$!")
wait_until 30 test -s port
url=http://127.0.0.1:$(cat port)
set_status() { curl -sf "$url/_do?status=$1"; }
kafka-pub -t "$topic-reg" --registry "$url" --avro-schema reading.avsc --create-topic partitions=1 readings
kafka-pub -t "$topic-reg" --registry "$url" readings # by the latest of the subject
kafka-pub -t "$topic-reg" --registry "$url" --schema-id 1 readings
cmp <(all "$topic-reg" --registry "$url") <(cat readings readings readings)
kafka-pub -t "$topic-json" --registry "$url" --json-schema <(echo '{"type":"object"}') --create-topic partitions=1 readings
cmp <(all "$topic-json" --registry "$url") readings # JSON after a frame comes as it was
same "$(curl -sf "$url/_log" | grep -c "POST /subjects/$topic-reg-value/versions")" 1 "the default subject, once"
cmp <(all "$topic" --registry "$url" --subject "$topic-reg-value") readings # which have no frame
cmp <(all "$topic" --registry "$url" --schema-id 1) readings
refused 2 'does not have /subjects/none/versions/latest' all "$topic" --registry "$url" --subject none
echo "kafka-avro: registered schemas"

# An inferred schema; later records keep to it, in a second run as well.
printf '%s\n' '{"n":1,"text":"a"}' '{"n":2.5,"text":null}' '{}' | kafka-pub -t "$topic-{kind:-guess}" --registry "$url" --infer
echo '{"text":"b","n":4}' | kafka-pub -t "$topic-guess" --registry "$url" --infer
same "$(all "$topic-guess" --registry "$url" | sort | tr -d '\n')" '{"n":1,"text":"a"}{"n":2.5,"text":null}{"n":4,"text":"b"}{"n":null,"text":null}' "an inferred schema"
same "$(curl -sf "$url/_log" | grep -c "POST /subjects/$topic-guess-value/versions")" 1 "inferred once"

# What the registry refuses, or does not have, is wrong usage. A message whose schema it does not have is a reject.
echo '{"type":"record","name":"Reading","fields":[{"name":"id","type":"long"}]}' >other.avsc
echo '{"type":"record","name":"broken","fields":[]}' >broken.avsc
refused 2 'refuses .* with 409: the type of id has changed' kafka-pub -t "$topic-reg" --registry "$url" --avro-schema other.avsc <<<'{"id":1}'
refused 2 'refuses .* with 422: not a schema' kafka-pub -t "$topic-none" --registry "$url" --avro-schema broken.avsc <<<'{}'
refused 2 "does not have .*$topic-none-value.*--infer" kafka-pub -t "$topic-none" --registry "$url" <<<'{}'
refused 2 'does not have /schemas/ids/99' kafka-pub -t "$topic-none" --registry "$url" --schema-id 99 <<<'{}'
printf '\0\0\0\0\143x|\0\0\0\0\143y|\0\0\0\0\143z' | kcat -P -b "$KAFKA_BROKERS" -t "$topic-lost" -D '|'
asked() { curl -sf "$url/_log" | grep -c 'GET /schemas/ids/99'; }
before=$(asked)
refused 1 'does not have /schemas/ids/99' all "$topic-lost" --registry "$url"
same "$(asked)" $((before + 1)) "a missing schema is asked for once"
id=$(curl -sf -d '{"schema":"syntax = \"proto3\";","schemaType":"PROTOBUF"}' "$url/subjects/proto/versions" | jq .id)
refused 2 "schema $id is of type PROTOBUF" kafka-pub -t "$topic-none" --registry "$url" --subject proto <<<'{}'
printf '%b' "\\0\\0\\0\\0\\0$(printf %o "$id")x" | kcat -P -b "$KAFKA_BROKERS" -t "$topic-proto" -D '|'
refused 1 "the registry's schema $id is of type PROTOBUF" all "$topic-proto" --registry "$url"
set_status 401
refused 2 'refuses the login with 401: none was given' all "$topic-reg" --registry "$url"
refused 2 'refuses the login with 401: none was given' kafka-pub -t "$topic-reg" --registry "$url" readings

# A registry that is away is waited for by both, each message and record in its place; it ends on a signal, too.
set_status 503
kafka-sub -t "$topic-reg" --from start --until end --registry "$url" >held 2>held.err &
sub=$!
kafka-pub -t "$topic-away" --registry "$url" --subject "$topic-reg-value" --create-topic partitions=1 readings 2>away.err &
pub=$!
kafka-sub -t "$topic-reg" --from start --registry "$url" >ended 2>ended.err &
ended=$!
for log in held.err away.err ended.err; do wait_until 30 grep -F 'the registry is away' "$log" >/dev/null; done
kill "$ended"
wait "$ended" || true # it ends, whatever its status
[ ! -s held ] && [ ! -s ended ]
refused 1 'the registry was away for 0s' all "$topic-reg" --registry "$url" --retry-for 0s
set_status 0
wait "$sub"
wait "$pub"
cmp held <(cat readings readings readings)
cmp <(all "$topic-away" --registry "$url") readings
echo "kafka-avro: a registry that was away has lost nothing"
