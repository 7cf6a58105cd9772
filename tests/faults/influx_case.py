"""csv-tail | influx-load, while stages are killed, InfluxDB is killed and started again, and what stands before it answers 5xx and cuts."""
import http.client
import http.server
import json
import sys
import threading
import urllib.parse

from kinds import checkpoints, make_rows
from pipeline import TIME_LIMIT, WORK, Pipeline, lines_of
from served import kill_servers_and_stages
from services import Server


class Influx(Server):
    """Syncs each write before it answers."""

    def __init__(self, folder):
        super().__init__("influx", folder)
        self.ask("create database faults", "POST")

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", int(self.variables["PARTS_INFLUX_PORT"]), timeout=TIME_LIMIT)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, query, method="GET"):
        path = "/query?" + urllib.parse.urlencode({"db": "faults", "q": query, "epoch": "ns"})
        return json.loads(self.request(method, path)[1])["results"]


class Door:
    """Passes writes on to the server. Now and then it answers 500, 503 or 429 itself, or cuts the connection before or after the write."""

    def __init__(self, server, rng):
        self.server, self.rng, self.hits = server, rng, 0
        self.disturbs = False
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if status in (429, 503):
                    self.send_header("Retry-After", "0")
                try:
                    self.end_headers()
                    self.wfile.write(body)
                except ConnectionError:  # whoever asked was killed
                    self.close_connection = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fault = None if not door.disturbs else door.rng.choice([None] * 40 + ["500", "503", "429", "cut", "late cut"])
                door.hits += fault is not None
                if fault == "cut":
                    self.close_connection = True
                elif fault and fault.isdigit():
                    self.answer(int(fault), b'{"error":"a fault"}')
                else:
                    self.pass_on(body, fault)

            def pass_on(self, body, fault):
                names = ("Content-Encoding", "Content-Type")
                try:
                    answer = door.server.request("POST", self.path, body, {name: self.headers[name] for name in names if self.headers[name]})
                except OSError:  # the server is away
                    self.close_connection = True
                    return
                if fault == "late cut":
                    self.close_connection = True
                else:
                    self.answer(*answer)

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                if not isinstance(sys.exc_info()[1], ConnectionError):  # a killed stage cuts its connection
                    super().handle_error(request, client_address)

        self.http = Listener(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"


def influx(rng, options):
    server = Influx(WORK / "influx-server")
    door = Door(server, rng)
    folder = WORK / "influx-load"
    folder.mkdir(parents=True, exist_ok=True)
    rejects = lines_of(folder / "rejects")

    def output():
        """All points, and each reject: text in a column of numbers, which the server refuses. Its line is that of one start's input."""
        door.disturbs = True
        found = server.ask("select * from rows")[0].get("series", [{}])[0].get("values", [])
        refused = [json.loads(line) for line in rejects()]
        return sorted(map(str, found)) + sorted(f"{each['reason']} {each['raw']}" for each in refused)

    def clean():
        server.ask("drop series from rows", "POST")
        (folder / "rejects").unlink(missing_ok=True)

    pipeline = Pipeline("influx", folder, [
        ["csv-tail", *checkpoints(20), "in.csv"],
        ["influx-load", "--url", door.url, "--db", "faults", "--measurement", "rows", "--tags", "mark", "--fields", "value,sensor",
         "--batch", "500", "--rejects", "rejects"]], output, clean)

    def make_input(seed):
        door.disturbs = False
        make_rows(folder / "in.csv", 4000, seed)

    said = kill_servers_and_stages(rng, options, pipeline, server.kill_and_start, make_input)
    server.stop()
    return f"{said}; {door.hits} answers of 5xx, 429 or none"
