"""csv-tail | influx-load, while stages are killed, InfluxDB is killed and started again, and what stands before it answers 5xx and cuts."""
import http.client
import http.server
import json
import socket
import threading
import time
import urllib.parse

from kinds import checkpoints, make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, kill, lines_of, spawn
from served import kill_servers_and_stages


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """An InfluxDB server, which syncs each write before it answers."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self.folder, self.process = free_port(), folder, None
        (folder / "influxdb.conf").write_text(
            f'reporting-disabled = true\nbind-address = "127.0.0.1:{free_port()}"\n[meta]\ndir = "{folder}/meta"\n'
            f'[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\nquery-log-enabled = false\n[monitor]\nstore-enabled = false\n'
            f'[http]\nbind-address = "127.0.0.1:{self.port}"\nlog-enabled = false\n')
        self.start()
        self.ask("create database faults", "POST")

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = spawn(["influxd", "-config", self.folder / "influxdb.conf"], stdout=log, stderr=log)
        deadline = time.monotonic() + TIME_LIMIT
        while True:
            try:
                self.ask("show databases")
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise Failure("influx: the server does not start") from None
                time.sleep(0.02)

    def kill_and_start(self):
        kill(self.process)
        self.process.wait()
        self.start()

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIME_LIMIT)
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
                self.end_headers()
                self.wfile.write(body)

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

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"


def influx(rng, options):
    server = Server(WORK / "influx-server")
    door = Door(server, rng)
    folder = WORK / "influx-load"
    folder.mkdir(parents=True, exist_ok=True)
    rejects = lines_of(folder / "rejects")

    def output():
        """All points, and each reject: text in a column of numbers, which the server refuses."""
        door.disturbs = True
        found = server.ask("select * from rows")[0].get("series", [{}])[0].get("values", [])
        refused = [json.loads(line) for line in rejects()]
        return sorted(map(str, found)) + sorted(f"{each['line']} {each['reason']} {each['raw']}" for each in refused)

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
    kill(server.process)
    return f"{said}; {door.hits} answers of 5xx, 429 or none"
