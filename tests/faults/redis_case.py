"""csv-tail | redis-load, while stages are killed, and the server is killed and started again."""
import socket
import subprocess
import time

from count import Count
from kinds import checkpoints, make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, kill, spawn


class Server:
    """A Redis server that loses nothing when it is killed."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        self.folder, self.process = folder, None
        self.start()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = spawn(["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--appendonly", "yes",
                                  "--appendfsync", "always", "--save", ""], stdout=log, stderr=log)
        deadline = time.monotonic() + TIME_LIMIT
        while self.ask("ping") != ["PONG"]:
            if time.monotonic() > deadline:
                raise Failure("redis: the server does not start")
            time.sleep(0.01)

    def kill_and_start(self):
        kill(self.process)
        self.process.wait()
        self.start()

    def ask(self, *command):
        done = subprocess.run(["redis-cli", "-p", self.port, "--raw", *command], capture_output=True, text=True, check=False)
        return done.stdout.splitlines()


def redis(rng, options):
    count, restarts, kills = Count(), 0, 0
    server = Server(WORK / "redis-server")
    folder = WORK / "redis"
    folder.mkdir(parents=True, exist_ok=True)

    def output():
        keys = [f"{kind}:s{number}" for kind in ("rows", "stats") for number in range(8)]
        return [line for key in keys
                for line in server.ask(*(("lrange", key, "0", "-1") if key.startswith("rows") else ("hmget", key, "count", "mean", "m2", "std")))]

    def clean():
        server.ask("flushall")

    pipeline = Pipeline("redis", folder, [
        ["csv-tail", *checkpoints(10), "in.csv"],
        ["redis-load", "--host", "127.0.0.1", "--port", server.port, "--rejects", "rejects", "--lpush", "rows:{sensor}", "--stats",
         "stats:{sensor}", "value"]], output, clean)

    def disturb(processes):
        nonlocal restarts, kills
        for _ in range(rng.randrange(1, 3)):
            time.sleep(rng.expovariate(1 / 0.1))
            victim = rng.choice([None, *processes])
            count.injected += 1
            if victim is None:
                server.kill_and_start()
                restarts += 1
            else:
                kills += victim.poll() is None
                kill(victim)
            count.effective += any(each.poll() is None for each in processes)

    began = time.monotonic()
    while time.monotonic() - began < options.budget or restarts + kills < options.least:
        make_rows(folder / "in.csv", 15000, rng.randrange(1 << 30))
        pipeline.learn()
        pipeline.come_through(disturb, 6, lambda: f"after {restarts} kills of the server and {kills} of stages")
        count.runs += 1
    kill(server.process)
    return f"redis: the server killed {restarts} times, stages {kills} times; {count}"
