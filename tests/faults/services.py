"""The servers of the pipelines: PostgreSQL and a broker."""
import io
import os
import shutil
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


class Broker:
    """mosquitto. One that will be restarted saves its whole queue at each change, so a long queue makes it slow."""

    def __init__(self, folder, saving):
        self.folder = Path(folder)
        self.port = int(of_parts("free_port"))
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nset_tcp_nodelay true\n"
            + (f"persistence true\npersistence_location {self.folder}/\nautosave_on_changes true\nautosave_interval 1\n" if saving else "")
            + ("user root\n" if os.getuid() == 0 else ""))
        self.environment = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(self.port)}
        self.process = None
        self.start()

    @classmethod
    def in_folder(cls, name, saving=False):
        folder = WORK / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.chmod(folder, 0o777)  # the broker may run as another user
        return cls(folder, saving)

    def start(self):
        path = os.environ["PATH"] + ":/usr/sbin"
        with open(self.folder / "mosquitto.log", "ab") as log:
            self.process = spawn(["mosquitto", "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log,
                                 env={**os.environ, "PATH": path})
        of_parts('wait_until 20 port_open "$1"', self.port)

    def stop(self):
        """Stops the broker gently: when killed, it sometimes loses a message that it has just acknowledged (1 in some 1,000)."""
        self.process.terminate()
        self.process.wait()


def subscribed(state):
    """Whether the mqtt-sub with this state folder has noted that the broker has its subscriptions."""
    try:
        return "subscribed" in (state / "mqtt-sub" / "session").read_text().splitlines()
    except FileNotFoundError:
        return False
