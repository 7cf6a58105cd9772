"""A pipeline that reads from a broker; one run meets a fault at one system call."""
import re
import shutil
import signal
import subprocess
import time

import services
from calls import calls_in, has_hit, strace, trace_all
from kinds import ALERTS, WINDOWS, make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, difference, kill, spawn, tools_environment

PARTS = (0, 60, 85, 110)  # share of the rows published before, in and after the second of three runs


def strip_id(line):
    return re.sub(rb',"id":"[^"]*"', b"", line)


def id_of(line):
    return re.search(rb',"id":"([^"]*)"', line).group(1)


class Listener:
    """A durable subscriber of all points, which keeps the lines of each topic."""

    def __init__(self, folder, environment):
        self.lines = {}
        self.path = folder / "heard"
        self.rest = b""
        self.process = spawn(["mqtt-sub", "-t", "out/#", "--durable", "--client-id", "listener", "--topic-fields", "_,point"],
                             env=environment, cwd=folder, stdout=open(self.path, "wb"), stderr=open(folder / "listener.errors", "wb"))
        self.reader = open(self.path, "rb")
        deadline = time.monotonic() + TIME_LIMIT
        while not self.of("probe"):  # without a subscription the broker keeps nothing
            if time.monotonic() > deadline:
                raise Failure("the listener hears nothing")
            subprocess.run(["mqtt-pub", "-t", "out/probe"], input=b'{"probe":1}\n', env=environment, check=True)

    def of(self, point):
        """The messages of a point, without the field that names it."""
        self.rest += self.reader.read()
        *whole, self.rest = self.rest.split(b"\n")
        for line in whole:
            name = re.search(rb',"point":"([^"]*)"', line)
            self.lines.setdefault(name[1].decode(), []).append(line.replace(name[0], b""))
        return self.lines.get(point, [])


class BrokerCase:
    """Three runs for each point. In phase `fresh` the first one meets the fault, in phase `again` the second one, after a killed
    run; the last is undisturbed. Each point has its own topic, session and state at one broker."""

    def __init__(self, name, seed, broker):
        self.name = name
        self.folder = WORK / f"call-{name}"
        self.folder.mkdir()
        self.environment = tools_environment(broker.environment)
        self.extra = broker.environment
        self.number = 0
        self.services = [broker.process]
        self.log = self.folder / "calls"
        self.to_table = name == "mqtt-windows-pg"
        self.middle = [*WINDOWS, "--drop-partial"] if self.to_table else ALERTS
        self.listener = None
        if not self.to_table:
            self.listener = Listener(self.folder, self.environment)
            self.services.append(self.listener.process)
        make_rows(self.folder / "in.csv", PARTS[-1], seed)
        # Steps are large, so that windows close all the time.
        done = subprocess.run("csv-tail in.csv | jq -c '.timestamp |= (fromdate | . * 12 - 1767225600 * 11 | todate)'", shell=True,
                              cwd=self.folder, env=self.environment, check=True, stdout=subprocess.PIPE)
        self.rows = done.stdout.splitlines(keepends=True)
        self.expected = [self.oracle(part) for part in PARTS]
        if not all(len(a) < len(b) for a, b in zip(self.expected, self.expected[1:])):
            raise Failure(f"{name}: parts without output: {[len(each) for each in self.expected]}")
        self.pipeline = None

    def oracle(self, part):
        """The expected output for that many rows, computed without state and broker."""
        lines = subprocess.run([*self.middle, "--rejects", "/dev/null"], cwd=self.folder, env=self.environment,
                               input=b"".join(self.rows[:part]), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        if not self.to_table:
            return sorted(lines.splitlines())
        services.forget_table("expected_rows")()
        if lines:
            subprocess.run(["pg-load", "--table", "expected_rows", "--create"], cwd=self.folder, env=self.environment, input=lines,
                           check=True)
        return services.rows_of("expected_rows")()

    def stages(self):
        return self.build().stages

    def tool(self, stage):
        return ["mqtt-sub", self.middle[0], "pg-load" if self.to_table else "mqtt-pub"][stage]

    def build(self):
        source = ["mqtt-sub", "-t", f"d/{self.number}", "--client-id", f"{self.name}-{self.number}", "--checkpoint-every", "20ms",
                  "--checkpoint-records", "20"]
        sink = ["pg-load", "--table", "call_mqtt", "--create"] if self.to_table else \
            ["mqtt-pub", "-t", f"out/{self.number}", "--id-field", "id"]
        return Pipeline(self.name, self.folder, [source, self.middle, sink], self.output,
                        services.forget_table("call_mqtt") if self.to_table else lambda: None, ordered=False)

    def output(self):
        """The output so far: rows of the table, or messages at the subscriber, where a message may have come twice."""
        if self.to_table:
            return services.rows_of("call_mqtt")()
        by_id = {}
        for line in self.listener.of(str(self.number)):
            if by_id.setdefault(id_of(line), line) != line:
                raise Failure(f"two messages with one id: {line!r} and {by_id[id_of(line)]!r}")
        return sorted(strip_id(line) for line in by_id.values())

    def errors(self):
        return (self.folder / "errors").read_text(errors="replace").splitlines()

    def keep_evidence(self):
        shutil.rmtree(self.folder / "state.wrong", ignore_errors=True)
        if (self.folder / "state").exists():
            shutil.copytree(self.folder / "state", self.folder / "state.wrong")

    def begin(self):
        self.number += 1
        self.log.unlink(missing_ok=True)
        self.pipeline = self.build()
        self.pipeline.reset()

    def publish(self, part):
        command = ["mqtt-pub", "-t", f"d/{self.number}"]
        subprocess.run(command, cwd=self.folder, env=self.environment, input=b"".join(self.rows[PARTS[part - 1]:PARTS[part]]), check=True,
                       stderr=subprocess.DEVNULL)

    def check_part_of(self, whole):
        found = self.output()
        if len(set(found)) != len(found) or not set(found) <= set(whole):
            raise Failure(f"if it were never started again: rows that are not the whole's, or twice: {difference(found, whole)}")

    def run(self, part, wrap=None, stop_by=signal.SIGTERM):
        """Starts the pipeline, again if needed, until the output of the part is complete, and stops it."""
        whole = self.expected[part]
        deadline = time.monotonic() + TIME_LIMIT
        processes = self.pipeline.start(wrap, extra=self.extra)
        published, starts = False, 1
        while True:
            if any(process.poll() is not None for process in processes):
                self.look_at(self.pipeline.wait(processes), starts)
                self.check_part_of(whole)
                processes = self.pipeline.start(extra=self.extra)
                starts += 1
            if not published and services.subscribed(self.folder / "state"):
                self.publish(part)
                published = True
            if published and len(self.output()) >= len(whole):
                break
            if time.monotonic() > deadline:
                raise Failure(f"hangs: {difference(self.output(), whole)}; {starts} starts, published: {published}; "
                              + self.pipeline.where(processes))
            time.sleep(0.004)
        for process in processes:
            kill(process, stop_by)
        statuses = self.pipeline.wait(processes)
        if stop_by != signal.SIGKILL:
            self.look_at(statuses, starts)
        if self.output() != whole:
            raise Failure(f"{difference(self.output(), whole)}; exit statuses {statuses}")

    @staticmethod
    def look_at(statuses, starts):
        if 2 in statuses or 3 in statuses:
            raise Failure(f"exit statuses {statuses}: pipe-run would not start it again")
        if starts > 20:
            raise Failure(f"ends again and again: exit statuses {statuses}")

    def three_runs(self, phase, wrap):
        self.begin()
        hit_run = 1 if phase == "fresh" else 2
        for part in (1, 2, 3):
            self.run(part, wrap if part == hit_run else None, signal.SIGKILL if part < hit_run else signal.SIGTERM)

    def calls(self, stage, phase):
        self.three_runs(phase, {stage: trace_all(self.log)})
        return calls_in(self.log)

    def point(self, stage, phase, call, fault, when):
        self.three_runs(phase, {stage: strace(self.log, call, fault, when)})
        if self.listener:
            self.listener.lines.pop(str(self.number), None)
        return has_hit(self.log)

    def end(self):
        if self.listener:
            self.listener.process.kill()
            self.listener.process.wait()
