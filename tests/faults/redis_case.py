"""csv-tail | redis-load, while stages are killed, and the server is killed and started again."""
import subprocess

from kinds import checkpoints, make_rows
from pipeline import WORK, Pipeline
from served import kill_servers_and_stages
from services import Server


class Redis(Server):
    """Loses nothing when it is killed."""

    def ask(self, *command):
        done = subprocess.run(["redis-cli", "-p", self.variables["REDIS_PORT"], "--raw", *command], capture_output=True, text=True, check=False)
        return done.stdout.splitlines()


def redis(rng, options):
    server = Redis("redis", WORK / "redis-server")
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
        ["redis-load", "--host", "127.0.0.1", "--port", server.variables["REDIS_PORT"], "--rejects", "rejects", "--lpush", "rows:{sensor}", "--stats",
         "stats:{sensor}", "value"]], output, clean)

    said = kill_servers_and_stages(rng, options, pipeline, server.kill_and_start, lambda seed: make_rows(folder / "in.csv", 15000, seed))
    server.stop()
    return said
