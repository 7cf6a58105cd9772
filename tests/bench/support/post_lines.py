"""A gateway: what has come on standard input is one request of NDJSON, and then what has come meanwhile: post_lines.py PORT."""
import http.client, os, sys

connection, rest = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1])), b""
while block := os.read(0, 1 << 20):
    body, line_end, rest = (rest + block).rpartition(b"\n")
    if line_end:
        connection.request("POST", "/", body + line_end, {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
