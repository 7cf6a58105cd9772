#!/usr/bin/env bash
# tools: http-recv csv-append pipe-run
# http-recv over the network: logins, signatures, TLS and certificates of clients, limits, a pipe that stands, answers after the commit,
# events that come again.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
source "$WEIR_SOURCE/tests/support/receivers.sh"
source "$WEIR_SOURCE/tests/support/certificates.sh"
fail() { echo "FAILED: $*" >&2; exit 1; }

# status CURL_ARGUMENT…: the status of an answer; its body goes into answer.
status() { curl -s -o answer -w '%{http_code}' "$@"; }
expect() { # expect STATUS WHAT CURL_ARGUMENT…
  local want=$1 what=$2 got
  shift 2
  got=$(status "$@") || true
  [ "$got" = "$want" ] || fail "$what: $got instead of $want: $(cat answer)"
}
one='{"a":1}'

# --- logins and signatures; what is refused is not taken
printf 'ana:s3cret\ntoken-1\n' >users
echo 'signing key' >key
chmod 600 users key
serve http-recv auth --auth-file users --signature-key key --max-body 1K
signature=$(printf '%s' "$one" | openssl dgst -sha256 -hmac 'signing key' | sed 's/.* //')
signed=(-H "X-Hub-Signature-256: sha256=$signature")
url=http://127.0.0.1:$port
expect 401 "no login" -d "$one" "${signed[@]}" "$url/"
expect 401 "a wrong password" -u ana:wrong -d "$one" "${signed[@]}" "$url/"
expect 401 "no signature" -u ana:s3cret -d "$one" "$url/"
expect 401 "the signature of another body" -u ana:s3cret -d '{"a":2}' "${signed[@]}" "$url/"
expect 403 "a page of another site" -u ana:s3cret -d "$one" "${signed[@]}" -H 'Origin: https://evil.example' "$url/"
expect 200 "a password and a signature" -u ana:s3cret -d "$one" "${signed[@]}" "$url/"
expect 200 "a token and a signature" -H 'Authorization: Bearer token-1' -d "$one" "${signed[@]}" "$url/"
expect 200 "health without a login" "$url/healthz"
expect 403 "a name that leads here from elsewhere" -u ana:s3cret -d "$one" "${signed[@]}" -H 'Host: evil.example' -H 'Origin: http://evil.example' "$url/"
expect 501 "a transfer encoding that hides a request" -u ana:s3cret -H 'Transfer-Encoding: xchunked' -d "$one" "$url/"
expect 413 "a long body" -u ana:s3cret -d "{\"a\":\"$(printf '%02000d' 0)\"}" "$url/"
[ "$(sort auth.out | uniq -c | tr -s ' ')" = " 2 $one" ] || fail "what was taken: $(cat auth.out)"
! grep -q 's3cret\|signing' auth.err || fail "a secret is shown"
stop_groups
# Each code is reported when it first occurs; the rest, such as the second to fourth 401, when the server ends.
for told in "with 401: a name and password, or a token, is needed" "with 403: pages of other sites may not send records" \
  "with 501: The only transfer encoding here is chunked." "with 413: The request's body is too large." "more requests refused with 401: 3; the last one"; do
  grep -qF "$told" auth.err || fail "not reported: $told: $(cat auth.err)"
done

# --- a pack with NaN, points whose unit is told by their times, deflate with and without zlib's head
serve http-recv forms
url=http://127.0.0.1:$port
expect 400 "NaN in a pack" -H 'Content-Type: application/senml+json' -d '[{"bn":"a:","bt":1.7e9,"n":"x","v":NaN},{"n":"y","v":2}]' "$url/"
[ "$(jq -c '[.accepted, .errors[].element]' answer)" = '[1,1]' ] || fail "NaN in a pack: $(cat answer)"
expect 204 "points of any unit" --data-binary $'w v=1 1767225600\nw v=1 1767225600000\n' "$url/api/v3/write_lp"
expect 204 "points of any unit" --data-binary 'w v=1 1767225600000000' "$url/write?precision=auto"
python3 -c 'import zlib; raw = zlib.compressobj(wbits=-15); open("raw", "wb").write(raw.compress(b"{\"d\":1}") + raw.flush()); open("zlib", "wb").write(zlib.compress(b"{\"d\":1}"))'
for form in raw zlib; do expect 200 "deflate, $form" -H 'Content-Encoding: deflate' -H 'Content-Type: application/json' --data-binary "@$form" "$url/"; done
expect 400 "a raw stream called gzip" -H 'Content-Encoding: gzip' -H 'Content-Type: application/json' --data-binary @raw "$url/"
[ "$(sort forms.out | uniq -c | tr -s ' ' | sort | paste -sd,)" = "$(printf '%s\n' ' 1 {"timestamp":"2023-11-14T22:13:20Z","name":"a:y","value":2}' ' 2 {"d":1}' ' 3 {"timestamp":"2026-01-01T00:00:00Z","measurement":"w","v":1}' | sort | paste -sd,)" ] || fail "forms: $(cat forms.out)"
stop_groups

# --- more requests a second than are allowed: what is refused is told when to come again, and is not taken
serve http-recv many --max-requests 1
python3 - "$port" <<'END'
import socket
import sys

body = b'{"a":1}'
request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
statuses = []
for _ in range(40):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=30) as connection:
        connection.sendall(request)
        answer = connection.recv(4096).lower()
    statuses.append(answer.split()[1])
    assert statuses[-1] == b"200" or b"\r\nretry-after: " in answer, answer
assert set(statuses) == {b"200", b"429"}, statuses
with open("taken", "w") as file:
    print(statuses.count(b"200"), file=file)
END
stop_groups
[ "$(wc -l <many.out)" = "$(cat taken)" ] || fail "$(cat taken) were answered 200, $(wc -l <many.out) lines were written"

# --- TLS, and certificates of clients
authority ours
authority theirs
certificate server DNS:localhost
certificate device DNS:device
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.csr -subj /CN=other 2>/dev/null
openssl x509 -req -in other.csr -CA theirs.pem -CAkey theirs.key -CAcreateserial -days 2 -out other.pem 2>/dev/null
serve http-recv tls --cert server.pem --key server.key --client-ca ours.pem
url=https://localhost:$port/
over=(--cacert ours.pem --resolve "localhost:$port:127.0.0.1" -d "$one")
expect 200 "a device's certificate" "${over[@]}" --cert device.pem --key device.key "$url"
expect 000 "no certificate" "${over[@]}" "$url"
expect 000 "a certificate of another authority" "${over[@]}" --cert other.pem --key other.key "$url"
[ "$(cat tls.out)" = "$one" ] || fail "over TLS: $(cat tls.out)"
stop_groups

# --- a reader that stands: each request is answered in its time, and what is refused is not written
mkfifo pipe
port=$(free_port)
run_group "http-recv --listen 127.0.0.1:$port --answer-timeout 5s --max-queue 1M >pipe 2>slow.err"
exec 3<pipe
url=http://127.0.0.1:$port/
wait_until 10 grep -q listening slow.err
python3 - "$port" <<'END'
import http.client
import json
import sys

# Records that fill the pipe, and more: one is on its way (504), those after it are refused (503); none is met with silence.
statuses = []
for number in range(40):
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=300)
    connection.request("POST", "/", json.dumps({"n": number, "x": "y" * 100000}), {"Content-Type": "application/json"})
    statuses.append(connection.getresponse().status)
    if statuses[-2:] == [503, 503]:
        break
taken = statuses.count(200)
assert statuses == [200] * taken + [504, 503, 503], statuses
with open("taken", "w") as file:
    print(taken, file=file)
END
cat <&3 >slow.out &
reader=$!
came() { [ "$(wc -l <slow.out)" -gt "$(cat taken)" ]; } # all of them, so that there is room again
wait_until 10 came
expect 200 "a record once the pipe moves on" -d '{"n":"last"}' "$url"
stop_groups
exec 3<&-
wait $reader
[ "$(wc -l <slow.out)" = $(($(cat taken) + 2)) ] || fail "$(cat taken) were answered 200, $(wc -l <slow.out) lines were written"

# --- answers after the commit: what was answered 200 is in the file
port=$(free_port)
cat >pipeline.sh <<END
pipe-run --state state 'http-recv --listen 127.0.0.1:$port --ack commit --checkpoint-every 50ms | csv-append rows.csv'
END
run_group "bash pipeline.sh 2>commit.err"
wait_until 10 grep -q listening commit.err
url=http://127.0.0.1:$port/
for n in 1 2 3; do
  expect 200 "record $n" -d "{\"n\":$n}" "$url"
  [ "$(tail -n 1 rows.csv)" = "$n" ] || fail "record $n was answered, and the file has: $(cat rows.csv)"
done

# --- events that come again, alone and in a batch
event() { echo "{\"specversion\":\"1.0\",\"id\":\"$1\",\"source\":\"/s\",\"type\":\"t\",\"n\":$2}"; }
batch=(-H 'Content-Type: application/cloudevents-batch+json')
expect 200 "a batch" "${batch[@]}" -d "[$(event a 4),$(event b 5)]" "$url"
expect 200 "a batch with an event that is known" "${batch[@]}" -d "[$(event b 5),$(event c 6)]" "$url"
[ "$(jq -c . answer)" = '{"accepted":2,"repeated":1}' ] || fail "the answer is $(cat answer)"
expect 200 "a known event, by headers" -H 'ce-id: c' -H 'ce-source: /s' -d '{"n":6}' "$url"
expect 400 "a bad record with a key" -H 'Idempotency-Key: k' -H 'Content-Type: application/x-ndjson' --data-binary $'{"n":7}\nbad\n' "$url"
expect 400 "the same again" -H 'Idempotency-Key: k' -H 'Content-Type: application/x-ndjson' --data-binary $'{"n":7}\nbad\n' "$url"
[ "$(jq -c . answer)" = '{"accepted":1,"rejected":1,"repeated":2}' ] || fail "the answer is $(cat answer)"
expect 422 "another body with the same key" -H 'Idempotency-Key: k' -d '{"n":8}' "$url"
expect 400 "an empty key" -H 'Idempotency-Key;' -d '{"n":8}' "$url"
expect 200 "a large body, after 100 Continue" -H 'Expect: 100-continue' -H 'Content-Type: application/json' --data-binary "{\"n\":8,\"n2\":\"$(printf '%0100000d' 0)\"}" "$url"
stop_groups
[ "$(sed 1d rows.csv | cut -d, -f1 | paste -sd ' ')" = "1 2 3 4 5 6 7 8" ] || fail "rows: $(cat rows.csv)"
echo "http-recv: logins, TLS, a pipe that stands, commits and repeats"
