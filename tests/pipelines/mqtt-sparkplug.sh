#!/usr/bin/env bash
# labels: mqtt
# tools: mqtt-sub csv-append pipe-run
# mqtt-sub --from sparkplug and --from senml: messages that pysparkplug has written, through a real broker; births asked for, aliases over
# a restart.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
fail() { echo "FAILED: $*" >&2; exit 1; }
python=$(python_with pysparkplug==0.6.1)
start_mosquitto

# say NAME: publishes the messages of messages.py that belong to that step.
cat >messages.py <<'END'
import datetime
import os
import sys

import paho.mqtt.client as mqtt
from pysparkplug import DataType, DBirth, DData, DDeath, Metric, NBirth, NData, NDeath

T = 1700000000000


def metric(name, kind, value, alias=None, at=T, **more):
    return Metric(timestamp=at, name=name, datatype=kind, value=value, alias=alias, **more)


def node_birth(number, seq=0):
    return NBirth(timestamp=T, seq=seq, metrics=(metric("bdSeq", DataType.INT64, number), metric("Node Control/Rebirth", DataType.BOOLEAN, False),
                                                 metric("load", DataType.DOUBLE, 0.25, 1)))


def node_death(number):
    return NDeath(timestamp=T, bd_seq_metric=metric("bdSeq", DataType.INT64, number))


def device_birth(seq):
    return DBirth(timestamp=T, seq=seq, metrics=(
        metric("temp", DataType.FLOAT, 21.7, 2), metric("count", DataType.INT32, -5, 3), metric("small", DataType.INT8, -1, 4),
        metric("big", DataType.UINT64, 2**64 - 1, 5), metric("on", DataType.BOOLEAN, True, 6), metric("state", DataType.STRING, "größer", 7),
        metric("since", DataType.DATETIME, datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), 8),
        metric("none", DataType.INT16, None, 9), metric("plain", DataType.INT64, -2**40)))


def data(seq, *metrics):
    return DData(timestamp=T, seq=seq, metrics=metrics)


def by_alias(alias, kind, value, at, **more):
    return metric(None, kind, value, alias, at, **more)


STEPS = {
    "first": [("NBIRTH/n", node_birth(7)), ("DBIRTH/n/d", device_birth(1)),
              ("DDATA/n/d", data(2, by_alias(2, DataType.FLOAT, 22.5, T + 1000), by_alias(3, DataType.INT32, -6, T + 1000, is_historical=True))),
              ("NDATA/n", NData(timestamp=T, seq=3, metrics=(by_alias(1, DataType.DOUBLE, 0.5, T + 2000),))),
              ("NDEATH/n", node_death(6))],
    "gap": [("DDATA/n/d", data(6, by_alias(2, DataType.FLOAT, 23.5, T + 3000)))],
    "unborn": [("DDATA/x/d", data(9, by_alias(2, DataType.FLOAT, 1.0, T), metric("named", DataType.INT32, 4)))],
    "death": [("DDEATH/n/d", DDeath(timestamp=T + 4000, seq=7)), ("NDEATH/n", node_death(7))],
    "later": [("DDATA/n/d", data(2, by_alias(2, DataType.FLOAT, 30.5, T + 1000)))],
    "births": [("NBIRTH/n", node_birth(7)), ("DBIRTH/n/d", device_birth(1))],
}
client = mqtt.Client()
client.connect(os.environ["MQTT_HOST"], int(os.environ["MQTT_PORT"]))
client.loop_start()
for topic, payload in STEPS[sys.argv[1]]:
    kind, _, place = topic.partition("/")
    raw = payload.encode(include_dtypes=kind in ("NBIRTH", "DBIRTH", "NDEATH") or "/x/" in topic)
    client.publish(f"spBv1.0/g/{kind}/{place}", raw, 1).wait_for_publish()
client.disconnect()
END
say() { timeout 300 "$python" messages.py "$1" 2>/dev/null || fail "publishing $1"; }

# --- births, aliases, gaps, deaths; commands that ask for births
broker=(-h "$MQTT_HOST" -p "$MQTT_PORT")
stdbuf -oL mosquitto_sub "${broker[@]}" -d -t 'spBv1.0/+/NCMD/#' -F '%t %x' -C 2 -W 600 >commands.log &
commands=$!
wait_until 10 grep -q Subscribed commands.log
mosquitto_sub "${broker[@]}" -i sparkplug-test -t 'spBv1.0/#' -q 1 -c -E -W 200 # the session, from before the first message
# Some messages wait in the session, and are read before the subscriptions are accepted.
for step in first gap; do say $step; done
run_group "mqtt-sub -t 'spBv1.0/#' --from sparkplug --rebirth --client-id sparkplug-test --qos 1 --durable >out 2>err"
for step in unborn death; do say $step; done
wait_until 20 grep -q NDEATH out
wait $commands || fail "no command asks for a birth"
grep '^spBv1.0' commands.log >commands
stop_groups
jq -rc '[.timestamp[17:19], .message, .device, .name, .value, .historical] | @json' out >found
cat >expected <<'END'
["20","NBIRTH",null,"load",0.25,null]
["20","DBIRTH","d","temp",21.7,null]
["20","DBIRTH","d","count",-5,null]
["20","DBIRTH","d","small",-1,null]
["20","DBIRTH","d","big",18446744073709552000,null]
["20","DBIRTH","d","on",true,null]
["20","DBIRTH","d","state","größer",null]
["20","DBIRTH","d","since","2026-01-02T03:04:05Z",null]
["20","DBIRTH","d","none",null,null]
["20","DBIRTH","d","plain",-1099511627776,null]
["21","DDATA","d","temp",22.5,null]
["21","DDATA","d","count",-6,true]
["22","NDATA",null,"load",0.5,null]
["23","DDATA","d","temp",23.5,null]
["20","DDATA","d","named",4,null]
["24","DDEATH","d",null,null,null]
["20","NDEATH",null,null,null,null]
END
diff expected found || fail "records of Sparkplug"
grep -qF '"name":"big","value":18446744073709551615}' out || fail "a number of 64 bits keeps its digits"
grep -q "g/n: sequence number 6 instead of 4" err || fail "a gap is not named: $(cat err)"
grep -q "g/x: DDATA without a birth" err || fail "a missing birth is not named: $(cat err)"
grep -q "alias 2 is not known: its birth has not come" err || fail "an unknown alias is not rejected: $(cat err)"
grep -q "gaps in sequence numbers: 1; messages without a birth: 1; commands and old deaths: " err || fail "counts: $(cat err)"
[ "$(cut -d ' ' -f 1 commands | sort | paste -sd ' ')" = "spBv1.0/g/NCMD/n spBv1.0/g/NCMD/x" ] || fail "commands: $(cat commands)"
"$python" - <<'END' || fail "the command is not one that pysparkplug reads"
from pysparkplug import NCmd

for line in open("commands", encoding="ascii"):
    (metric,) = NCmd.decode(bytes.fromhex(line.split()[1])).metrics
    assert (metric.name, metric.value) == ("Node Control/Rebirth", True), metric
END
echo "Sparkplug: births, aliases, gaps, deaths, commands"

# --- a birth before a restart, its data after it
cat >pipeline.sh <<'END'
pipe-run --state state "mqtt-sub -t 'spBv1.0/g/+/n/#' --from sparkplug --client-id sparkplug-state --checkpoint-every 50ms | csv-append rows.csv"
END
run_group "bash pipeline.sh 2>state.err"
wait_until 10 test -e state/mqtt-sub/session
wait_until 10 grep -q subscribed state/mqtt-sub/session
say births
wait_until 20 grep -q plain rows.csv
stop_groups
say later
run_group "bash pipeline.sh 2>state.err"
wait_until 20 grep -q ',temp,30.5' rows.csv
stop_groups
[ "$(grep -c ',temp,' rows.csv)" = 2 ] || fail "rows: $(cat rows.csv)"
echo "Sparkplug: aliases are known after a restart"

# --- packs of SenML
run_group "mqtt-sub -t senml/+ --from senml --topic-fields _,site --count 2 >senml.out 2>senml.err"
senml() {
  mosquitto_pub "${broker[@]}" -r -t senml/a -m '[{"bn":"dev:1:","bt":1700000000,"n":"t","u":"Cel","v":21.50},{"n":"bad"},{"n":"h","u":"%RH","v":40}]'
  grep -q ':h"' senml.out
}
wait_until 20 senml
[ "$(cat senml.out)" = '{"timestamp":"2023-11-14T22:13:20Z","name":"dev:1:t","unit":"Cel","value":21.50,"site":"a"}
{"timestamp":"2023-11-14T22:13:20Z","name":"dev:1:h","unit":"%RH","value":40,"site":"a"}' ] || fail "SenML: $(cat senml.out)"
grep -q "element 2: there is no value" senml.err || fail "a part of a pack is not rejected: $(cat senml.err)"
echo "SenML: packs over MQTT"
