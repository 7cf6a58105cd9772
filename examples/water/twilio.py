#!/usr/bin/env python3
"""A stand-in of Twilio that keeps messages in a file:   twilio.py PORT FILE

It takes POST /2010-04-01/Accounts/ACCOUNT/Messages.json as Twilio does, with From, To and Body."""
import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

messages = []


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        messages.append({"sid": f"SM{len(messages) + 1:032x}", "to": form["To"], "body": form["Body"], "status": "queued"})
        with open(sys.argv[2], "a", encoding="utf-8") as out:
            out.write(json.dumps(messages[-1], ensure_ascii=False) + "\n")
        self.answer(201, messages[-1])

    def do_GET(self):
        self.answer(200, {"messages": messages[::-1]})

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Api).serve_forever()
