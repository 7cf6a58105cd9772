"""Pipelines over Kafka while stages, copies and brokers are killed, frozen and started again."""
import json
import shutil
import signal
import subprocess
import threading
import time

from calls import FAULTS, strace
from count import Count
from kafka_brokers import MIDDLE, PARTITIONS, Brokers, KafkaPipeline
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, kill, report, spawn, tools_environment
from syscalls import fault_at

KINDS = ["windows", "load", "send"]
# What a short run does to each kind, whatever it draws besides.
SURE = {"windows": ["kill", "restart"], "load": ["restart", "copy"], "send": ["long pause", "copy", "kill"]}


class Tally:
    """What has been done to the pipelines of a part."""

    def __init__(self):
        self.count = Count()
        self.kills = self.restarts = self.frozen = self.outlasted = self.copies = self.refused = self.calls = self.lost = 0

    def __str__(self):
        return (f"{self.kills} stages killed, the broker {self.restarts} times, stages frozen {self.frozen} times ({self.outlasted} transactions ended by that or "
                f"taken over), {self.copies} copies ({self.refused} with another folder), {self.calls} starts with a failing system call, "
                f"{self.lost} transactions left open by a producer and the broker; {self.count}")


class Storm:
    """Disturbs one pipeline until `faults` have been injected, and starts it again each time."""

    def __init__(self, rng, pipeline, brokers, tally, longest_stand):
        self.rng, self.pipeline, self.brokers, self.tally, self.longest_stand = rng, pipeline, brokers, tally, longest_stand

    def run(self, faults, sure=()):
        """So many disturbances are drawn; before them come those of `sure`, each once there is a commit to be disturbed."""
        rng, pipeline, sure = self.rng, self.pipeline, list(sure)
        pipeline.reset()
        while faults > 0 or sure:
            processes = pipeline.start(None if sure else self.failing_call())
            if not sure:
                time.sleep(rng.uniform(0, 3))
            deadline = time.monotonic() + TIME_LIMIT
            while faults > 0 or sure and time.monotonic() < deadline:
                commit = pipeline.last_commit()
                alive = [process for process in processes if process.poll() is None]
                if not alive:
                    break
                if sure:
                    if commit == 0 or len(alive) < len(processes):
                        time.sleep(0.01)
                        continue
                    self.disturb(alive[-1], sure.pop(0))
                    continue
                faults -= 1
                self.disturb(rng.choice(alive))
                time.sleep(rng.expovariate(1 / 0.3))
            if rng.random() < 0.3:
                for process in processes:
                    kill(process)
            statuses = pipeline.wait(processes)
            if 3 in statuses:
                raise Failure(f"{pipeline.name}: exit statuses {statuses}")
            if not any(statuses):
                if not sure:
                    break
                pipeline.check(f"before {sure}")
                pipeline.reset()
        self.tally.outlasted += pipeline.errors().count("another producer has taken over the transactional id")
        pipeline.run_through()
        pipeline.check(f"after {self.tally}")
        self.tally.count.runs += 1

    def failing_call(self):
        """For a third of the starts: a stage with a system call that fails or is its last."""
        if self.rng.random() > 0.33:
            return None
        self.tally.calls += 1
        self.tally.count.injected += 1
        call = self.rng.choice(sorted(FAULTS))
        prefix = strace(self.pipeline.folder / "calls", call, self.rng.choice(FAULTS[call]), self.rng.randint(1, 200))
        return {self.rng.randrange(len(self.pipeline.stages)): prefix}

    def disturb(self, victim, what=None):
        """What: restart, pause, long pause, copy or kill; drawn where it is not told."""
        rng, tally = self.rng, self.tally
        tally.count.injected += 1
        tally.count.effective += 1
        if what is None:
            what = rng.choices(["restart", "pause", "copy", "kill"], [1, 1, 1, 7])[0]
        if what == "restart":
            self.brokers.kill()
            tally.restarts += 1
            time.sleep(rng.uniform(0, 1))
            self.brokers.start()
        elif what in ("pause", "long pause"):  # at times longer than a transaction may stay open
            kill(victim, signal.SIGSTOP)
            time.sleep(rng.uniform(0, self.longest_stand) if what == "pause" else self.longest_stand)
            kill(victim, signal.SIGCONT)
            tally.frozen += 1
        elif what == "copy":
            self.copy()
        else:
            tally.kills += 1
            kill(victim)

    def copy(self):
        """A second copy by mistake: in the same folder, or in one of its own once there is an epoch that this one lacks."""
        self.tally.copies += 1
        if self.rng.random() < 0.5 or self.pipeline.last_commit() == 0:
            self.pipeline.wait(self.pipeline.start())
            return
        self.tally.refused += 1
        shutil.rmtree(self.pipeline.folder / "other", ignore_errors=True)
        statuses = self.pipeline.wait(self.pipeline.start(state="other"))
        if statuses[0] not in (1, 3) or 0 in statuses[-1:]:
            raise Failure(f"{self.pipeline.name}: a copy without the state of what is committed ends with {statuses}")


def lost_transaction(rng, pipeline, brokers):
    """A transaction that a producer and the only broker leave open when both are killed. Kafka 4.3.1 completes every other one of them
    without its markers: what it has written must not become visible with the next transaction, and must not hide it."""
    pipeline.reset()
    pipeline.run_through()  # makes the topic of the markers
    pipeline.reset()
    lines = rng.sample(pipeline.expected, 30)
    name = pipeline.stages[-1][pipeline.stages[-1].index("--pipe") + 1]
    brokers.leave_open(f"weir.{name}", [("weir-epochs", 0, name, b'{"epoch":1,"run":"lost"}'),
                                        *((pipeline.topic, number % PARTITIONS, None, line) for number, line in enumerate(lines))])
    brokers.kill()
    time.sleep(rng.uniform(0, 2))
    brokers.start()
    pipeline.run_through()
    pipeline.check("after a transaction that was left open")


def long_pauses(rng, brokers, tally, pause=36):
    """Each stage stands for longer than a transaction may stay open, with the time limit that users have, 30 s."""
    pipeline = KafkaPipeline("windows", brokers, 200_000, rng.randrange(1 << 30))
    pipeline.sink_options = []
    for stage in range(3):
        pipeline.reset()
        processes = pipeline.start()
        while pipeline.last_commit() < 3:
            time.sleep(0.01)
        kill(processes[stage], signal.SIGSTOP)
        time.sleep(pause)
        kill(processes[stage], signal.SIGCONT)
        tally.frozen += 1
        tally.count.injected += 1
        tally.count.effective += processes[stage].poll() is None
        statuses = pipeline.wait(processes)
        if 3 in statuses:
            raise Failure(f"{pipeline.name}: exit statuses {statuses} after a pause of {pause} s")
        pipeline.run_through()
        pipeline.check(f"after stage {stage} stood for {pause} s")
        report(f"stage {stage} stood for {pause} s at the usual time limit of transactions: exit statuses {statuses}")


def kafka(rng, options):
    """Each result is there once, whatever is killed: kafka-sub | win-agg | kafka-pub, kafka-sub | pg-load and csv-tail | kafka-pub."""
    brokers, tally = Brokers(), Tally()
    short = options.budget < 20 and not options.whole
    if options.whole:
        long_pauses(rng, brokers, tally)
        for kind, kills, restarts in [("windows", 300, 30), ("load", 100, 10), ("send", 100, 10)]:
            kills, restarts = kills + tally.kills, restarts + tally.restarts
            pipeline = KafkaPipeline(kind, brokers, options.records, rng.randrange(1 << 30), records=500)
            while tally.kills < kills or tally.restarts < restarts:
                Storm(rng, pipeline, brokers, tally, longest_stand=6).run(400)
                report(f"{kind} over {options.records:,} records: {tally}")
    pipeline = KafkaPipeline("windows", brokers, 3_000, rng.randrange(1 << 30))
    for _ in range(1 if short else 5):
        lost_transaction(rng, pipeline, brokers)
        tally.lost += 1
    if short:
        for kind, sure in SURE.items():
            pipeline = KafkaPipeline(kind, brokers, 3_000, rng.randrange(1 << 30))
            Storm(rng, pipeline, brokers, tally, longest_stand=3).run(0, sure)
            calls = [None] * len(pipeline.stages)
            fault_at(rng, pipeline, calls, tally.count)
    began = time.monotonic()
    drawn = {}
    while time.monotonic() - began < options.budget or tally.count.effective < options.least:
        for kind in KINDS:
            pipeline = KafkaPipeline(kind, brokers, 3_000 if short else 20_000, rng.randrange(1 << 30))
            Storm(rng, pipeline, brokers, tally, longest_stand=4).run(3 if short else rng.choice([6, 15, 30]))
            if short:
                continue
            # System calls at points drawn from all that a stage makes.
            if kind not in drawn:
                drawn[kind] = (KafkaPipeline(kind, brokers, 2_000, rng.randrange(1 << 30), folder=f"kafka-drawn-{kind}"), [])
                drawn[kind][0].reset()
                drawn[kind][1].extend([None] * len(drawn[kind][0].stages))
            for _ in range(5):
                fault_at(rng, *drawn[kind], tally.count)
        # Epochs that are long enough to be sent before their barrier.
        pipeline = KafkaPipeline("send", brokers, 60_000, rng.randrange(1 << 30), records=20_000, folder="kafka-long")
        Storm(rng, pipeline, brokers, tally, longest_stand=4).run(3 if short else 15)
    brokers.end()
    return f"kafka: {tally}"


class Feed:
    """Sends numbered records through one kafka-pub until it is stopped, and counts them."""

    def __init__(self, topic, brokers):
        self.count, self.stopped = 0, False
        self.errors = WORK / "feed.errors"
        self.process = spawn(["kafka-pub", "-t", topic, "-k", "sensor", "--batch-size", "16KiB"], env=tools_environment(brokers.environment),
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=open(self.errors, "wb"), cwd=WORK)
        self.thread = threading.Thread(target=self.write)
        self.thread.start()

    def line(self, number):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_767_225_600 + number // 8))
        return json.dumps({"timestamp": stamp, "sensor": f"s{number % 8}", "value": number % 977, "mark": f"m{number}"},
                          separators=(",", ":")).encode()

    def write(self):
        try:
            while not self.stopped:
                lines = [self.line(self.count + i) for i in range(100)]
                self.process.stdin.write(b"\n".join(lines) + b"\n")
                self.process.stdin.flush()
                self.count += 100
                time.sleep(0.1)
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def end(self):
        """Waits until all is acknowledged, and returns the lines."""
        self.stopped = True
        self.thread.join()
        status = Pipeline.wait([self.process], 180)[0]
        if status != 0:
            raise Failure(f"kafka-pub ended with {status} while brokers were killed: {self.errors.read_text()}")
        return sorted(self.line(number) for number in range(self.count))


def kafka_brokers(rng, options):
    """Three brokers with three replicas, of which two must have a message: one is killed at a time, under load. Nothing is lost or
    doubled by kafka-pub with and without checkpoints, nor by kafka-sub."""
    kills = max(options.least, 20 if options.whole else 1)
    brokers, count = Brokers(3), Count()
    brokers.await_whole()
    pipeline = KafkaPipeline("windows", brokers, 10, 1, records=2000)
    pipeline.sink_options = []
    pipeline.input = "in-under-load"
    brokers.make_topic(pipeline.input)
    pipeline.reset()
    feed = Feed(pipeline.input, brokers)
    whole = pipeline.stages[0]
    endless = [word for word in whole if word not in ("--until", "end")]
    pipeline.stages[0] = endless
    processes = pipeline.start()
    starts = 1
    for _ in range(kills):
        time.sleep(rng.uniform(1, 3))
        victim = rng.randrange(3)
        brokers.kill(victim)
        count.injected += 1
        count.effective += feed.process.poll() is None
        time.sleep(rng.uniform(0, 6))
        brokers.start(victim)
        brokers.await_whole()
        if any(process.poll() is not None for process in processes):
            if not {2, 3}.isdisjoint(pipeline.wait(processes)):
                raise Failure(f"{pipeline.name}: exit statuses {[each.returncode for each in processes]}")
            processes = pipeline.start()
            starts += 1
    lines = feed.end()
    for process in processes:
        kill(process, signal.SIGTERM)
    pipeline.wait(processes)
    pipeline.stages[0] = whole
    pipeline.run_through()
    if brokers.committed(pipeline.input) != lines:
        raise Failure(f"of {len(lines)} records sent, others or another number arrived: {len(brokers.committed(pipeline.input))}")
    done = subprocess.run(MIDDLE, input=b"\n".join(in_order(lines)) + b"\n", env=tools_environment(), cwd=pipeline.folder, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    pipeline.expected = sorted(done.stdout.splitlines())
    pipeline.check(f"after {kills} kills of brokers")
    brokers.end()
    return f"three brokers: one killed {count.effective} times; {len(lines):,} records, {len(pipeline.expected):,} windows, {starts} starts of the pipeline"


def in_order(lines):
    return sorted(lines, key=lambda line: json.loads(line)["timestamp"])
