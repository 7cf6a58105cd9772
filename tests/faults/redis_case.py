"""csv-tail | redis-load, while stages are killed, and the server is killed and started again."""
import socket
import subprocess
import time

from kinds import checkpoints, make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, kill, spawn
from served import kill_servers_and_stages


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
                                  "--appendfsync", "always", "--aof-load-truncated", "no", "--save", ""], stdout=log, stderr=log)
        deadline = time.monotonic() + TIME_LIMIT
        while self.ask("ping") != ["PONG"]:
            if time.monotonic() > deadline:
                raise Failure("redis: the server does not start")
            time.sleep(0.01)

    def kill_and_start(self):
        kill(self.process)
        self.process.wait()
        # Redis 7.0 cuts a log that ends within a command after the last whole one, though it be in a transaction: what is left of that
        # comes again at the restart after. redis-check-aof cuts the transaction.
        subprocess.run(["redis-check-aof", "--fix", self.folder / "appendonlydir/appendonly.aof.manifest"], input=b"y\n", check=True,
                       stdout=subprocess.DEVNULL)
        self.start()

    def ask(self, *command):
        done = subprocess.run(["redis-cli", "-p", self.port, "--raw", *command], capture_output=True, text=True, check=False)
        return done.stdout.splitlines()


def redis(rng, options):
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

    said = kill_servers_and_stages(rng, options, pipeline, server.kill_and_start, lambda seed: make_rows(folder / "in.csv", 15000, seed))
    kill(server.process)
    return said
