"""A pipeline as N shards while stages, shards and brokers are killed and shards are started twice: what one pipe without Kafka gives."""
import json
import os
import shutil
import signal
import subprocess
import time
import uuid
import zlib

from confluent_kafka.admin import AdminClient, NewTopic

from count import Count
from kafka_brokers import Brokers
from pipeline import TIME_LIMIT, WORK, Failure, ended_by, kill, report, spawn, tools_environment
from services import DATABASE, rows_of

PARTITIONS = 32
OUT_PARTITIONS = 3
WINDOWS = "win-agg --every 1m --watermark key --late drop --drop-partial --by sensor --agg 'count() as n, sum(value) as total, last(value) as latest'"
LOAD = "--type window_start=timestamptz --type window_end=timestamptz --type n=bigint --type total=numeric --type latest=numeric --type partial=boolean"
SINKS = {"kafka": "kafka-pub -t {name} -k sensor -X transaction.timeout.ms=5000", "postgres": "pg-load --table {name} --create " + LOAD}


class Shards:
    """One pipeline as `count` shards, into a topic or a table of its own."""

    def __init__(self, folder, brokers, source, kind, count, epoch, windows=WINDOWS, reading="", sink=""):
        self.folder, self.brokers, self.kind, self.count = folder, brokers, kind, count
        self.name = f"shards_{kind}_{count}_{uuid.uuid4().hex[:6]}"
        if kind == "kafka":
            make_topic(brokers, self.name, OUT_PARTITIONS)
        (folder / f"{self.name}.pipe").write_text(
            f"kafka-sub -t {source} --from start --until end --checkpoint-every 200ms --checkpoint-records {epoch} {reading}\n"
            f"  | {windows}\n  | {(sink or SINKS[kind]).format(name=self.name)}\n")

    def command(self, *options, state="state"):
        return ["pipe-run", "--shards", str(self.count), *options, "--state", f"{self.name}.{state}", "--pipe", self.name, "--restart-after", "20ms",
                "--restart-at-most", "200ms", "--patience", "3s", f"{self.name}.pipe"]

    def start(self, *options, state="state"):
        with open(self.folder / "errors", "ab") as errors:
            return spawn(self.command(*options, state=state), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                         env=tools_environment(self.brokers.environment))

    def output(self):
        if self.kind == "postgres":
            return rows_of(self.name)()
        return self.brokers.committed(self.name, OUT_PARTITIONS)

    def has_committed(self, number):
        commit = self.folder / f"{self.name}.state" / str(number) / "commit"
        return commit.exists() and commit.read_text().strip() not in ("", "0")

    def messages(self):
        return (self.folder / "errors").read_text(errors="replace")[-3000:]


def make_topic(brokers, name, partitions):
    admin = AdminClient({"bootstrap.servers": brokers.addresses, "log_level": 0})
    admin.create_topics([NewTopic(name, partitions, 1)])[name].result(TIME_LIMIT)


def below(session):
    """The processes that were started by the leader of a session: pipe-run for each shard, and the stages."""
    found = subprocess.run(["ps", "-o", "pid=,stat=", "-s", str(session)], check=False, capture_output=True, text=True).stdout.split("\n")
    # What has ended is listed until its parent has taken note of it; with `l` other threads of it still run.
    running = [line.split()[0] for line in found if line.strip() and ("Z" not in line or "l" in line)]
    return [int(pid) for pid in running if int(pid) != session]


def simulate(folder, rows, seed):
    """Writes the readings, in the order of their times."""
    sensors = 1000 if rows > 100_000 else 40
    with open(folder / "readings", "wb") as file:
        subprocess.run(["sensor-sim", "--sensors", str(sensors), "--every", "5s", "--count", str(rows), "--seed", str(seed)], check=True, stdout=file,
                       env=tools_environment())


def send(folder, brokers, producers):
    """Sends the readings by producers side by side, each with its own sensors, and returns their topic. Of several, one can be far ahead of
    the others: a partition is then in order by sensor alone."""
    topic = f"readings-{uuid.uuid4().hex[:6]}"
    make_topic(brokers, topic, PARTITIONS)
    parts = [open(folder / f"part-{number}", "wb") for number in range(producers)]
    for line in open(folder / "readings", "rb"):
        parts[zlib.crc32(line.split(b'"sensor":', 1)[1].split(b",", 1)[0]) % producers].write(line)
    for part in parts:
        part.close()
    environment = tools_environment(brokers.environment)
    sends = [subprocess.Popen(["kafka-pub", "-q", "-t", topic, "-k", "sensor", part.name], env=environment) for part in parts]
    if any(each.wait() for each in sends):
        raise Failure("the readings cannot be sent")
    return topic


def storm(rng, shards, brokers, faults, tally):
    """Starts the shards until they end, and meanwhile kills stages, shards, all of it and brokers, and starts a shard twice."""
    while True:
        process = shards.start()
        while faults > 0 and process.poll() is None:
            time.sleep(rng.expovariate(1 / 0.4))
            what = rng.random()
            victims = below(process.pid)
            if process.poll() is not None or not victims:
                continue
            faults -= 1
            tally["faults"] += 1
            if what < 0.04:
                brokers.kill()
                time.sleep(rng.uniform(0, 1))
                brokers.start()
                tally["brokers"] += 1
            elif what < 0.10:
                kill(process)
                tally["all"] += 1
            elif what < 0.18:  # a second copy of a shard, by mistake: in the same folder, or with an empty one
                number = rng.randint(1, shards.count)
                shutil.rmtree(shards.folder / f"{shards.name}.other", ignore_errors=True)
                # Before the first commit a copy with an empty folder would be as good as this one, and take over for good.
                elsewhere = rng.random() < 0.5 and shards.has_committed(number)
                twin = shards.start("--shard", str(number), "--max-restarts", "2", state="other" if elsewhere else "state")
                time.sleep(rng.uniform(0, 2))
                kill_session(twin)
                tally["twice"] += 1
            else:
                try:
                    os.kill(rng.choice(victims), signal.SIGKILL)
                    tally["stages"] += 1
                except ProcessLookupError:
                    pass
        if not ended_by(process, time.monotonic() + 20 * TIME_LIMIT):
            kill_session(process)
            raise Failure(f"{shards.name} hangs:\n{shards.messages()}\n{brokers.last_messages()}")
        kill_session(process)
        if process.returncode == 0:
            return
        if process.returncode in (2, 3):
            raise Failure(f"{shards.name} ended with {process.returncode}:\n{shards.messages()}")


def kill_session(process):
    """All that the leader has started ends with it; what has not is waited for."""
    for pid in below(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if process.poll() is None:
        kill(process)
        process.wait()
    deadline = time.monotonic() + TIME_LIMIT
    while below(process.pid):
        if time.monotonic() > deadline:
            raise Failure(f"stages outlive their pipe-run: {below(process.pid)}")
        time.sleep(0.02)


# Minutes of each sensor, then ten minutes over the sensors of each parameter; the second stage goes by the watermarks of the first.
BY_SENSOR = "win-agg --every 1m --watermark key --late drop --by parameter,sensor --agg 'count() as n, sum(value) as total'"
BY_UNIT = "win-agg --every 10m --watermark input --by parameter --agg 'sum(n) as n, sum(total) as total, count() as parts, max(total) as top'"


def repartition(rng, folder, brokers, source, counts, faults, epoch):
    """Two stages by different keys through a topic, both under faults: what one pipe without Kafka gives, but for which windows were closed first."""

    def rows(lines):
        found = [json.loads(line) for line in lines if not line.startswith(b'{"@ctl"')]
        return sorted(json.dumps({name: value for name, value in row.items() if name != "partial"}, sort_keys=True) for row in found)

    one_pipe = f"{BY_SENSOR} readings 2>errors-expected | {BY_UNIT}"
    expected = rows(subprocess.run(["bash", "-c", one_pipe], cwd=folder, env=tools_environment(), check=True, stdout=subprocess.PIPE).stdout.split(b"\n")[:-1])
    first_count, second_count = counts
    tally = dict.fromkeys(["faults", "stages", "all", "brokers", "twice"], 0)
    first = Shards(folder, brokers, source, "kafka", first_count, epoch, BY_SENSOR, "--watermark 1m --idle 1s",
                   "kafka-pub -t {name} -k parameter --watermarks -X transaction.timeout.ms=5000")
    storm(rng, first, brokers, faults, tally)
    second = Shards(folder, brokers, first.name, "kafka", second_count, epoch, BY_UNIT, f"--producers {first_count}",
                    "kafka-pub -t {name} -k parameter -X transaction.timeout.ms=5000")
    storm(rng, second, brokers, faults, tally)
    lines = second.output()
    found = rows(lines)
    if found != expected:
        raise Failure(f"{first_count} shards by sensor, {second_count} by parameter: {len(found)} windows instead of {len(expected)}, or others, after {tally}")
    closed = sum(not json.loads(line)["partial"] for line in lines)
    if closed < len(expected) // 2:
        raise Failure(f"only {closed} of {len(expected)} windows were closed by the watermarks of the first stage")
    report(f"{first_count} shards by sensor, {second_count} by parameter: {len(found):,} windows as one pipe has them, {closed:,} of them closed by watermarks; {tally}")
    return tally


def shards(rng, options):
    """The same readings by 1, 2, 7 and 32 shards (1 and 3 at first, without --whole), in Kafka and PostgreSQL: sorted, byte for byte what one pipe
    without Kafka gives."""
    begin = time.monotonic()
    rows = 2 * options.records if options.whole else 20_000
    counts, faults, epoch = ([1, 2, 7, 32], 40, 2000) if options.whole else ([1, 3], 4, 200)
    folder = WORK / "shards"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    brokers, count = Brokers(1), Count()
    simulate(folder, rows, rng.randrange(1 << 30))
    source, in_order = send(folder, brokers, 3), send(folder, brokers, 1)
    expected = {}
    environment = tools_environment()
    one_pipe = f"{WINDOWS} readings 2>errors-expected"
    lines = subprocess.run(["bash", "-c", one_pipe], cwd=folder, env=environment, check=True, stdout=subprocess.PIPE).stdout
    expected["kafka"] = sorted(lines.split(b"\n")[:-1])
    DATABASE.run("SET client_min_messages = error", "DROP TABLE IF EXISTS shards_expected")
    subprocess.run(["bash", "-c", f"pg-load --table shards_expected --create {LOAD}"], input=lines, cwd=folder, env=environment, check=True,
                   stderr=subprocess.DEVNULL)
    expected["postgres"] = rows_of("shards_expected")()
    if len(expected["kafka"]) < 100 or len(expected["postgres"]) != len(expected["kafka"]):
        raise Failure(f"too few windows to compare: {len(expected['kafka'])}")
    total = {}

    def note(tally):
        for key, value in tally.items():
            total[key] = total.get(key, 0) + value
        count.runs += 1

    def by_shards(number, kind):
        tally = dict.fromkeys(["faults", "stages", "all", "brokers", "twice"], 0)
        each = Shards(folder, brokers, source, kind, number, epoch)
        began = time.monotonic()
        storm(rng, each, brokers, faults, tally)
        found = each.output()
        if found != expected[kind]:
            raise Failure(f"{number} shards into {kind}: {len(found)} windows instead of {len(expected[kind])}, or others, after {tally}")
        report(f"{number:2} shards into {kind:8}: {rows:,} records, {len(found):,} windows as one pipe has them, in {time.monotonic() - began:.0f} s; "
               f"killed: {tally['stages']} stages or shards, {tally['all']} times all, {tally['brokers']} brokers; {tally['twice']} shards started twice")
        note(tally)

    for number in counts:
        for kind in SINKS:
            by_shards(number, kind)
    for pair in [(8, 3), (3, 7)] if options.whole else [(3, 2)]:
        note(repartition(rng, folder, brokers, in_order, pair, faults // 2, epoch))
    while not options.whole and time.monotonic() - begin < options.budget:  # other numbers of shards, and other kills
        if rng.random() < 0.25:
            note(repartition(rng, folder, brokers, in_order, (rng.choice((2, 5, 8)), rng.choice((1, 3, 7))), faults // 2, epoch))
        else:
            by_shards(rng.choice((1, 2, 7, 32)), rng.choice(list(SINKS)))
    brokers.end()
    return f"shards: {count.runs} runs over {rows:,} records, {total}"
