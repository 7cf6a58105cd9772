"""The servers of the pipelines: PostgreSQL and a broker."""
import io
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2

from pipeline import TIME_LIMIT, WORK, Failure, spawn


def of_parts(command, *arguments):
    """Runs a line of bash with the functions of scripts/parts.sh, and returns its output."""
    done = subprocess.run(["bash", "-c", f'source "$PARTS_SH"; {command}', "-", *map(str, arguments)], stdout=subprocess.PIPE, text=True,
                          check=True)
    return done.stdout.strip()


class Database:
    """One session that is opened again when the server was restarted."""

    def __init__(self):
        self.session = None

    def ask(self, use):
        """Returns use(cursor); waits for a server that is away."""
        deadline = time.monotonic() + TIME_LIMIT
        while True:
            try:
                if self.session is None:
                    self.session = psycopg2.connect("application_name=faults")
                    self.session.autocommit = True
                with self.session.cursor() as cursor:
                    return use(cursor)
            except (psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.errors.AdminShutdown) as problem:
                self.session = None
                if time.monotonic() > deadline:
                    raise Failure(f"PostgreSQL: {problem}") from None
                time.sleep(0.05)

    def run(self, *statements):
        self.ask(lambda cursor: cursor.execute("; ".join(statements)))


DATABASE = Database()


def rows_of(table):
    """Reads a table as lines of text in their order; [] when there is none yet."""
    def read():
        def copy(cursor):
            found = io.BytesIO()
            try:
                cursor.copy_expert(f"COPY {table} TO STDOUT", found)
            except psycopg2.errors.UndefinedTable:
                return []
            return sorted(found.getvalue().splitlines())
        return DATABASE.ask(copy)
    return read


def forget_table(table):
    return lambda: DATABASE.run("SET client_min_messages = error", f"DROP TABLE IF EXISTS {table}, weir_epoch")


class Server:
    """A server of scripts/servers in a folder of its own, which can be killed: `variables` are those that its file sets."""

    def __init__(self, name, folder, *arguments):
        self.name, self.folder, self.variables = name, Path(folder), {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self._run(f'start_{name} "$@"', *arguments)

    def _run(self, command, *arguments):
        """Runs a function of the server's file in a shell that lasts as long as the server."""
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        script = (f'source "$PARTS_SH"; cd "$PARTS"; parts_pids=(); set -a; {command}; env -0 >ready.new; mv ready.new ready; wait "$served"')
        with open(self.folder / "log", "ab") as log:
            self.process = spawn(["bash", "-c", script, "-", *map(str, arguments)], stdout=log, stderr=log,
                                 env={**os.environ, **self.variables, "PARTS": str(self.folder)})
        deadline = time.monotonic() + TIME_LIMIT
        while not ready.exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Failure(f"{self.name} does not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        self.variables = dict(line.split("=", 1) for line in ready.read_text().split("\0") if line)

    def start(self):
        self._run(f"run_{self.name}")

    def stop(self, by=signal.SIGTERM):
        """Ends the server itself; its shell ends after it."""
        os.kill(int(self.variables["served"]), by)
        self.process.wait()

    def kill_and_start(self):
        self.stop(signal.SIGKILL)
        self.start()


class Broker(Server):
    """mosquitto, which is stopped gently: when killed, it sometimes loses a message that it has just acknowledged (1 in some 1,000).
    One that will be restarted saves its whole queue at each change, so a long queue makes it slow."""

    def __init__(self, folder, saving):
        lines = ["persistence true", f"persistence_location {folder}/", "autosave_on_changes true", "autosave_interval 1"]
        super().__init__("mosquitto", folder, *(lines if saving else []))
        self.port = int(self.variables["MQTT_PORT"])
        self.environment = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(self.port)}

    @classmethod
    def in_folder(cls, name, saving=False):
        folder = WORK / name
        shutil.rmtree(folder, ignore_errors=True)
        return cls(folder, saving)


def subscribed(state):
    """Whether the mqtt-sub with this state folder has noted that the broker has its subscriptions."""
    try:
        return "subscribed" in (state / "mqtt-sub" / "session").read_text().splitlines()
    except FileNotFoundError:
        return False
