"""csv-tail | lake-load into a bucket, while stages are killed, the server is killed and started again, and fails in between."""
import os
import shutil
import subprocess
import time
from pathlib import Path

from kinds import checkpoints, make_rows
from pipeline import BIN, TIME_LIMIT, WORK, Failure, Pipeline, kill, spawn
from served import kill_servers_and_stages
from services import of_parts

SUPPORT = Path(os.environ["WEIR_SOURCE"]) / "tests/support"


class Server:
    """The stand-in, whose objects are files, so that a kill loses nothing."""

    def __init__(self, folder, rng):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.rng, self.port, self.process = folder, rng, of_parts("free_port"), None
        self.start(0)

    def start(self, rate):
        with open(self.folder / "log", "ab") as log:
            self.process = spawn([SUPPORT / "s3-server", "--port", self.port, "--folder", self.folder / "bucket", "--faults",
                                  str(self.rng.randrange(1 << 30)), "--rate", str(rate), "--page", "7"], stdout=log, stderr=log)
        deadline = time.monotonic() + TIME_LIMIT
        while subprocess.run(["bash", "-c", f": <>/dev/tcp/127.0.0.1/{self.port}"], stderr=subprocess.DEVNULL, check=False).returncode:
            if time.monotonic() > deadline:
                raise Failure("lake: the server does not start")
            time.sleep(0.02)

    def restart(self, rate=0.05):
        kill(self.process)
        self.process.wait()
        self.start(rate)


def lake(rng, options):
    if not (BIN / "lake-load").exists():
        return "lake: NOT run, as this build has no lake-load"
    server = Server(WORK / "s3-server", rng)
    folder = WORK / "lake"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.port}", AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret")
    python = of_parts('python_with "$1"', (Path(os.environ["WEIR_SOURCE"]) / "cmake/pyarrow.txt").read_text().strip())

    def output():
        shutil.rmtree(folder / "objects", ignore_errors=True)
        subprocess.run([SUPPORT / "s3-objects", server.folder / "bucket", "table", folder / "objects"], check=True)
        rows = subprocess.run([python, SUPPORT / "lake-rows", folder / "objects/table"], capture_output=True, text=True, check=True)
        return sorted(rows.stdout.splitlines())

    def clean():
        shutil.rmtree(server.folder / "bucket", ignore_errors=True)
        (server.folder / "bucket").mkdir()
        server.restart(0)

    pipeline = Pipeline("lake", folder, [
        ["csv-tail", *checkpoints(20), "in.csv"],
        ["lake-load", "s3://bucket/table", "--delta", "--delta-checkpoint-every", "5", "--partition", "sensor={sensor}", "--roll-rows", "100",
         "--rejects", "rejects"]], output, clean, ordered=False)
    said = kill_servers_and_stages(rng, options, pipeline, server.restart, lambda seed: make_rows(folder / "in.csv", 5000, seed))
    kill(server.process)
    return said
