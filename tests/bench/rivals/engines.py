"""What scripts/bench scale compares: each engine is started, measured and killed as all the processes of one session. Those that no registry
has as a program join when theirs is named: EKUIPER=…/bin/kuiperd SQLFLOW=… BENTO=… TELEGRAF=…"""
import json
import os
import shutil
import signal
import socket
import string
import subprocess
import threading
import time
from pathlib import Path

RIVALS = Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")
JAVA = ["java", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
OPENED = [f"--add-opens=java.base/java.{each}=ALL-UNNAMED" for each in ("lang", "util", "nio", "time")]


def processes(session):
    """(pid, processor seconds) of each process of a session."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(fields[3]) == session and fields[0] != "Z":
            found.append((int(entry), (int(fields[11]) + int(fields[12])) / TICKS))
    return found


def proportional_set(pid):
    """The bytes of a process; a page that N processes share, as those of libraries, counts for each as an N-th."""
    try:
        return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n") if line.startswith("Pss:")) * 1024
    except (OSError, StopIteration):
        return 0  # it has ended


class Usage(threading.Thread):
    """Looks every 100 ms at what the processes of a session have used, and every 500 ms at their memory."""

    def __init__(self, session):
        super().__init__(daemon=True)
        self.session, self.samples, self.most, self.over = session, [], 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.1):
            found = processes(self.session)
            self.samples.append((time.monotonic(), sum(used for _, used in found)))
            if len(self.samples) % 5 == 0:
                self.most = max(self.most, sum(proportional_set(pid) for pid, _ in found))

    def stop(self):
        self.over.set()
        self.join()

    def processor(self, begin, end):
        """Processor seconds between two times."""
        return self.used(end) - self.used(begin)

    def used(self, moment):
        return next((used for when, used in reversed(self.samples) if when <= moment), 0.0)


class Engine:
    """A program that reads readings from one topic and writes windows to another, with a folder for its state."""

    running = []

    def __init__(self, name, brokers, options, source, sink):
        self.name, self.brokers, self.options, self.source, self.sink = name, brokers, options, source, sink
        self.folder = Path.cwd() / f"{name}-{sink}"
        self.folder.mkdir()
        self.log = self.folder.with_suffix(".log")
        self.process = None
        self.forgot = 0  # how often its folder was removed

    def command(self):
        return COMMANDS[self.name.partition("-")[0]](self)

    def fill(self, template, target):
        """Writes a rival's file of settings with this run's names in it."""
        text = (RIVALS / template).read_text()
        names = {"SOURCE": self.source, "SINK": self.sink, "BROKERS": self.brokers, "COMMIT": self.options.commit, "FOLDER": self.folder}
        target.write_text(string.Template(text).substitute(names))
        return str(target)

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.running.append(self)

    def kill(self):
        """Kills all its processes with SIGKILL."""
        while found := processes(self.process.pid):
            for pid, _ in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.005)
            self.process.poll()
        self.process.wait()
        self.running.remove(self)

    def forget(self):
        """Removes what it has in its folder."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.forgot += 1

    @classmethod
    def end_all(cls):
        for engine in list(cls.running):
            engine.kill()

    def remove(self):
        """Ends it as an operator would. A transaction that a kill leaves open would hold up the next one."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        self.kill()
        shutil.rmtree(self.folder)

    def messages(self):
        return "".join(line[:300] + "\n" for line in self.log.read_text(errors="replace").split("\n")[-12:])


def weir(engine):
    every = f"{engine.options.commit}ms"
    shards = engine.name.partition("-")[2]
    return ["pipe-run", *(["--shards", shards] if shards else []), "--state", str(engine.folder / "state"), "--pipe", engine.sink, "--restart-after", "100ms", "--",
            f"kafka-sub -b {engine.brokers} -t {engine.source} --from start --watermark 2s --checkpoint-every {every}"
            " | win-agg --every 1m --watermark input --late drop --drop-partial --by sensor"
            " --agg 'count() as n, avg(value) as mean, min(value) as min, max(value) as max'"
            f" | kafka-pub -b {engine.brokers} -t {engine.sink} -k sensor"]


def streams(engine):
    return [*JAVA, f"-Xmx{engine.options.streams_heap}", "-cp", classes("streams"), "weir.bench.StreamsWindows", engine.brokers, engine.source,
            engine.sink, str(engine.folder), str(engine.options.commit), str(engine.options.threads)]


def flink(engine):
    # A checkpoint is complete when its metadata is there; the newest one is gone on from.
    complete = sorted(engine.folder.glob("*/chk-*/_metadata"), key=lambda each: each.stat().st_mtime_ns)
    return [*JAVA, f"-Xmx{engine.options.flink_heap}", *OPENED, "-cp", classes("flink"), "weir.bench.FlinkWindows", engine.brokers, engine.source,
            engine.sink, str(engine.folder), str(engine.options.commit), str(engine.options.threads), *(str(each.parent) for each in complete[-1:])]


def ekuiper(engine):
    """The folders of an installation of its own, whose rule is made at the first start; later ones go on from the checkpoint."""
    program = Path(os.environ["EKUIPER"]).resolve()
    if not (engine.folder / "etc").exists():
        shutil.copytree(program.parents[1] / "etc", engine.folder / "etc")
        (engine.folder / "plugins").symlink_to(program.parents[1] / "plugins")
        for name in ("data", "log"):
            (engine.folder / name).mkdir()
        engine.fill("ekuiper/kafka.yaml", engine.folder / "etc/sources/kafka.yaml")
        engine.fill("ekuiper/init.json", engine.folder / "data/init.json")
    return ["env", f"KuiperBaseKey={engine.folder}", f"KUIPER__BASIC__PORT={free_port()}", f"KUIPER__BASIC__RESTPORT={free_port()}",
            "KUIPER__BASIC__PROMETHEUS=false", "KUIPER__BASIC__CONSOLELOG=true", str(program)]


def sqlflow(engine):
    return ["env", "TZ=UTC", os.environ["SQLFLOW"], "run", "-c", engine.fill("sqlflow/windows.yml", engine.folder / "windows.yml")]


def bento(engine):
    return [os.environ["BENTO"], "-c", engine.fill("bento/windows.yaml", engine.folder / "windows.yaml")]


def telegraf(engine):
    return [os.environ["TELEGRAF"], "--config", engine.fill("telegraf/windows.conf", engine.folder / "windows.conf")]


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def classes(name):
    folder = json.loads(os.environ["RIVALS"])[name]
    return f"{folder}/classes:{folder}/libs/*"


COMMANDS = {"weir": weir, "streams": streams, "flink": flink, "ekuiper": ekuiper, "sqlflow": sqlflow, "bento": bento, "telegraf": telegraf}
TITLES = {"weir": "weir", "streams": "Kafka Streams", "flink": "Flink", "ekuiper": "eKuiper", "sqlflow": "sql-flow", "bento": "Bento",
          "telegraf": "Telegraf"}
NAMED = {"ekuiper": "EKUIPER", "sqlflow": "SQLFLOW", "bento": "BENTO", "telegraf": "TELEGRAF"}  # the variables that name their programs
STATE_IN_KAFKA = ("streams",)  # what is in their folder is made again from topics
# Their windows are of a second by the time of arrival: they have none by the time of the readings.
BY_ARRIVAL = ("bento", "telegraf")
