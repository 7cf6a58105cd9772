#!/usr/bin/env python3
"""A model of what treated water can be used for, as it may stand behind ML_API_URL:   model.py PORT

POST /api/predict/reusability takes {"flow_rate","influent_BOD","influent_COD","influent_TSS","influent_pH","influent_TDS","temperature"}."""
import json
import math
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def predict(water):
    """The use and how sure it is: the load of the water against limits of irrigation, as a logistic curve."""
    load = water["influent_BOD"] / 60 + water["influent_COD"] / 500 + water["influent_TSS"] / 200 + water["influent_TDS"] / 4000
    load += abs(water["influent_pH"] - 7.2) + abs(water["temperature"] - 20) / 50 + water["flow_rate"] / 3000
    chance = 1 / (1 + math.exp(4 * (load - 2)))
    return {"prediction": "irrigation" if chance >= 0.5 else "discharge", "confidence": round(max(chance, 1 - chance), 4)}


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        try:
            status, answer = 200, predict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        except (KeyError, TypeError, ValueError) as problem:
            status, answer = 422, {"error": repr(problem)}
        if self.path != "/api/predict/reusability":
            status, answer = 404, {"error": "no such model"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Api).serve_forever()
