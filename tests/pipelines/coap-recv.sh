#!/usr/bin/env bash
# tools: coap-recv csv-append pipe-run
# coap-recv beside two independent clients, libcoap's own and aiocoap: methods, blocks, DTLS with keys, SenML in CBOR; devices that are
# observed, answers after the commit, messages that come again over a restart, a pipe that stands.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
source "$WEIR_SOURCE/tests/support/receivers.sh"
fail() { echo "FAILED: $*" >&2; exit 1; }
python=$(python_with aiocoap==0.4.17 cbor2==5.7.1)
export PYTHONPATH=$WEIR_SOURCE/tests/support

# client ARGUMENT…: libcoap's client; what it is answered, codes of errors included, goes into answer.
client() { timeout 300 coap-client-openssl "$@" >answer 2>&1 || fail "coap-client-openssl $*: $(cat answer)"; }
answered() { # answered WHAT WORDS
  grep -qF "$2" answer || fail "$1: $(cat answer)"
}

# --- libcoap's client: confirmable or not, methods, formats, blocks
serve coap-recv plain --path "'/v1/{plant}/readings'" --max-body 20K
url=coap://127.0.0.1:$port/v1/north/readings
client -m put -t 50 -e '{"a":1}' "$url"
client -m post -t 50 -e '[{"a":2},{"a":3}]' "$url"
client -N -m post -e 4.50 "$url"
client -m put -t 110 -e '[{"bn":"urn:dev:1:","n":"t","u":"Cel","v":21.5,"t":1700000000}]' "$url"
client -m put -t 50 -e '{"a":' "$url"
answered "a payload that is cut" "4.00 an object or array is not closed"
client -m get "$url"
answered "a method" "4.05 records come by PUT or POST"
client -m delete "$url"
answered "a method" "4.05"
client -m put -e 1 "coap://127.0.0.1:$port/elsewhere"
answered "another path" "4.04 records are taken at /v1/{plant}/readings"
client -m put -t 41 -e '<a/>' "$url"
answered "a format" "4.15 the Content-Format 41"
client -m get "coap://127.0.0.1:$port/.well-known/core"
answered "discovery" '</v1/>;rt="weir.records"'
jq -nc '[range(300) | {i: ., x: ("y" * 20)}]' >large
jq -nc '[range(600) | {i: ., x: ("y" * 20)}]' >too-large
client -b 256 -m put -t 50 -f large "$url"
client -b 1024 -m put -t 50 -f large "$url"
client -m put -t 50 -f too-large "$url"
answered "a body that is too large" "4.13"
stop_groups
for told in "with 4.05: records come by PUT or POST" "with 4.04: records are taken at " "with 4.15: the Content-Format 41" "with 4.13: a body has "; do
  grep -qF "$told" plain.err || fail "not reported: $told: $(cat plain.err)"
done
jq -es 'all(.plant == "north") and (map(.a // empty) == [1, 2, 3]) and ((map(select(.i)) | length) == 600)' plain.out >/dev/null ||
  fail "records: $(cut -c 1-200 plain.out | sort | uniq -c | sort -rn | sed 8q)"
grep -qxF '{"value":4.50,"plant":"north"}' plain.out || fail "a number keeps its digits"
grep -qxF '{"timestamp":"2023-11-14T22:13:20Z","name":"urn:dev:1:t","unit":"Cel","value":21.5,"plant":"north"}' plain.out || fail "a SenML record"

# --- aiocoap: SenML in CBOR, written by cbor2; blocks; what a good client is told
serve coap-recv second
"$python" - "$port" <<'END'
import asyncio
import sys

import aiocoap
import cbor2
from aiocoap.numbers.codes import Code


async def main():
    context = await aiocoap.Context.create_client_context()
    uri = f"coap://127.0.0.1:{sys.argv[1]}/any/path"

    async def put(payload, content_format, code=Code.CHANGED, **how):
        answer = await context.request(aiocoap.Message(code=how.pop("method", Code.PUT), uri=uri, payload=payload, content_format=content_format, **how)).response
        assert answer.code == code, (answer.code, answer.payload)
        return answer

    pack = [{-2: "urn:dev:ow:10e2073a0108006:", -3: 1276020076.001, -4: "A", -1: 5, 0: "voltage", 1: "V", 2: 120.1},
            {0: "current", 6: -5, 2: 1.2}, {0: "state", 3: "über"}, {0: "on", 4: True}, {0: "raw", 8: b"\xfb\xef\xff"}, {0: "power", 2: cbor2.CBORTag(4, [-2, 2445])}]
    await put(cbor2.dumps(pack), 112)
    await put(b"{\"n\":1}", 50, transport_tuning=aiocoap.Unreliable)
    large = b"[" + b",".join(b'{"i":%d}' % i for i in range(1000)) + b"]"
    await put(large, 50, method=Code.POST)
    answer = await put(b"\xa0", 112, Code.BAD_REQUEST)
    assert answer.payload == b"the pack is not an array", answer.payload
    await put(b"[" + b" " * 2_000_000 + b"]", 50, Code.REQUEST_ENTITY_TOO_LARGE)
    links = await context.request(aiocoap.Message(code=Code.GET, uri=f"coap://127.0.0.1:{sys.argv[1]}/.well-known/core")).response
    assert links.opt.content_format == 40 and links.payload.startswith(b"</>;"), links.payload
    await context.shutdown()


asyncio.run(main())
END
stop_groups
[ "$(jq -c 'select(.i == null)' second.out)" = '{"timestamp":"2010-06-08T18:01:16.001Z","name":"urn:dev:ow:10e2073a0108006:voltage","unit":"V","value":120.1}
{"timestamp":"2010-06-08T18:01:11.001Z","name":"urn:dev:ow:10e2073a0108006:current","unit":"A","value":1.2}
{"timestamp":"2010-06-08T18:01:16.001Z","name":"urn:dev:ow:10e2073a0108006:state","unit":"A","value":"über"}
{"timestamp":"2010-06-08T18:01:16.001Z","name":"urn:dev:ow:10e2073a0108006:on","unit":"A","value":true}
{"timestamp":"2010-06-08T18:01:16.001Z","name":"urn:dev:ow:10e2073a0108006:raw","unit":"A","data":"--__"}
{"timestamp":"2010-06-08T18:01:16.001Z","name":"urn:dev:ow:10e2073a0108006:power","unit":"A","value":24.45}
{"n":1}' ] || fail "what aiocoap sent: $(jq -c 'select(.i == null)' second.out)"
[ "$(jq -c 'select(.i != null).i' second.out | wc -l)" = 1000 ] || fail "a body of aiocoap in blocks"

# --- DTLS: a device with its key, a wrong key, an unknown device, and none at all
printf 'dev1:secret one\ndev2:secret two\n' >psk
chmod 600 psk
serve coap-recv dtls --psk-file psk --identity-field device
client -u dev1 -k 'secret one' -m put -t 50 -e '{"n":1}' "coaps://127.0.0.1:$port/"
client -u dev2 -k 'secret two' -m put -t 50 -e '{"n":2}' "coaps://127.0.0.1:$port/"
for wrong in "-u dev1 -k other" "-u dev3 -k other"; do
  # shellcheck disable=SC2086
  timeout 20 coap-client-openssl -B 3 $wrong -m put -t 50 -e '{"n":3}' "coaps://127.0.0.1:$port/" >/dev/null 2>&1 || :
done
timeout 20 coap-client-openssl -B 2 -m put -t 50 -e '{"n":4}' "coap://127.0.0.1:$port/" >/dev/null 2>&1 || :
stop_groups
[ "$(cat dtls.out)" = '{"n":1,"device":"dev1"}
{"n":2,"device":"dev2"}' ] || fail "over DTLS: $(cat dtls.out)"
! grep -q secret dtls.err || fail "a secret is shown"

# --- devices that are observed: libcoap's server, which goes and comes again, and one whose notifications are overtaken
device=$(free_port)
cat >device.py <<'END'
import socket
import sys

from coap_wire import ACK, CON, NON, Answer, number_value, options_text

device = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
device.bind(("127.0.0.1", int(sys.argv[1])))
data, to = device.recvfrom(2000)
asked = Answer(data)
assert asked.options[6] == b"" and asked.options[11] == b"t", asked.options


def notify(kind, mid, number, value):
    head = bytes([1 << 6 | kind << 4 | len(asked.token), 2 << 5 | 5]) + mid.to_bytes(2, "big") + asked.token
    device.sendto(head + options_text([(6, number_value(number)), (12, number_value(50))]) + b'\xff{"v":%d}' % value, to)


notify(ACK, asked.mid, 0xfffffe, 1)
for mid, (number, value) in enumerate([(0xffffff, 2), (1, 4), (0, 3), (2, 5)], 1000):
    notify(NON, mid, number, value)
notify(CON, 1100, 3, 6)
device.settimeout(300)
while True:
    answer = Answer(device.recv(2000))
    if answer.kind == ACK and answer.mid == 1100:
        break
END
start_device() {
  coap-server-openssl -A 127.0.0.1 -p "$1" >/dev/null 2>&1 &
  observed=$!
  wait_until 10 coap-client-openssl -m put -t 50 -e "$2" "coap://127.0.0.1:$1/example_data"
}
second=$(free_port)
timeout 600 python3 device.py "$device" &
script=$!
start_device "$second" '{"v":10}'
serve coap-recv observing --sender-field from --observe "coap://127.0.0.1:$device/t" --observe "coap://127.0.0.1:$second/example_data"
wait $script || fail "the device is not acknowledged"
wait_until 10 grep -q '"v":10,' observing.out
coap-client-openssl -m put -t 50 -e '{"v":11}' "coap://127.0.0.1:$second/example_data"
wait_until 10 grep -q '"v":11,' observing.out
end_process "$observed"
start_device "$second" '{"v":12}'
coap-client-openssl -m put -t 50 -e '{"v":13}' "coap://127.0.0.1:$second/example_data"
wait_until 60 grep -q '"v":13,' observing.out
stop_groups
end_process "$observed"
[ "$(grep "$device/t" observing.out | jq -c .v | paste -sd ' ')" = "1 2 4 5 6" ] || fail "notifications in order: $(cat observing.out)"
grep -q "notifications that newer ones had overtaken: 1" observing.err || fail "old notifications are not counted: $(cat observing.err)"

# --- messages that come again, in one run and over a restart; answers after the commit
port=$(free_port)
cat >pipeline.sh <<END
pipe-run --state state 'coap-recv --listen 127.0.0.1:$port --ack commit --checkpoint-every 50ms | csv-append rows.csv'
END
start() {
  rm -f commit.err # of the run before
  run_group "bash pipeline.sh 2>commit.err"
  wait_until 10 grep -q listening commit.err
}
start
cat >again.py <<'END'
import sys

from coap_wire import CON, PUT, Peer, number_value, request

peer = Peer(int(sys.argv[1]), int(sys.argv[2]))
first, last = int(sys.argv[3]), int(sys.argv[4])
for n in range(first, last):
    message = request(CON, PUT, n, b"t%d" % n, "/", b'{"n":%d}' % n, [(12, number_value(50))])
    answer = peer.exchange(message)
    assert answer.code == 204 and answer.token == b"t%d" % n, answer.code
    with open("rows.csv", encoding="utf-8") as file:
        assert str(n) in file.read().split(), f"{n} was answered and is not in the file"
    assert peer.exchange(message).code == 204
END
device=$(free_port)
timeout 600 python3 again.py "$port" "$device" 0 3
stop_groups
start
timeout 600 python3 again.py "$port" "$device" 1 5 # the first two have come before the restart
stop_groups
[ "$(sed 1d rows.csv | paste -sd ' ')" = "0 1 2 3 4" ] || fail "rows: $(cat rows.csv)"
grep -q "messages that came again, and were not taken twice: " commit.err || fail "repeats are not counted: $(cat commit.err)"

# --- a reader that stands: what is answered 5.03 is not written, and comes again after Max-Age
mkfifo pipe
port=$(free_port)
run_group "coap-recv --listen 127.0.0.1:$port --answer-timeout 2s --max-queue 64K >pipe 2>slow.err"
exec 3<>pipe
wait_until 10 grep -q listening slow.err
cat >fill.py <<'END'
import json
import sys

from coap_wire import Peer

peer = Peer(int(sys.argv[1]))
codes, number = [], 0
while codes[-2:] != [503, 503]:
    body = json.dumps({"n": number, "x": "y" * 900}).encode()
    answer = peer.put("/", body, 50, wait=30)
    codes.append(answer.code)
    assert answer.code != 503 or answer.number(14) in (2, 5), answer.options
    number += 1
    assert number < 5000, codes[-20:]
assert set(codes) <= {204, 503, 504} and codes[0] == 204, set(codes)
print(codes.count(204), codes.count(504))
END
timeout 600 python3 fill.py "$port" >filled || fail "filling the pipe"
read -r taken unsure <filled
timeout 600 cat <pipe >slow.out 3>&- &
reader=$!
wait_until 10 test -s slow.out
exec 3>&-
stop_groups
wait $reader
lines=$(wc -l <slow.out)
[ "$lines" -ge "$taken" ] && [ "$lines" -le $((taken + unsure)) ] || fail "$taken were taken and $unsure may be; $lines lines were written"
echo "coap-recv: two clients, DTLS, observed devices, commits and repeats, a pipe that stands"
