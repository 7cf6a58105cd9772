"""Brokers of Kafka that outlive the shell which made them, and pipelines that read or write their topics."""
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from kinds import make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, ended_by, spawn, tools_environment
from services import DATABASE, forget_table, of_parts, rows_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from kafka_settled import settled  # noqa: E402

PARTITIONS = 3
MIDDLE = ["win-agg", "--every", "1m", "--watermark", "key", "--late", "drop", "--by", "sensor", "--agg",
          "count() as n, sum(value) as total, first(mark) as mark"]
# Ends transactions soon after their time limit, which these pipelines make short.
SOON = "transaction.abort.timed.out.transaction.cleanup.interval.ms=500"


class Brokers:
    """One broker, or three that keep three replicas of each partition."""

    def __init__(self, count=1):
        self.folder = WORK / "kafka"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.addresses = of_parts('make_kafka no "$1" "$2" >&2; echo "$KAFKA_BROKERS"', count, SOON)
        self.environment = {"KAFKA_BROKERS": self.addresses}
        self.processes = [None] * count
        for number in range(count):
            self.start(number)

    def start(self, number=0):
        with open(self.folder / f"{number + 1}/log", "ab") as log:
            command = 'source "$PARTS_SH"; exec "${KAFKA_JAVA[@]}" "${KAFKA_HEAP[@]}" kafka.Kafka "$PARTS/kafka/$1/server.properties"'
            self.processes[number] = spawn(["bash", "-c", command, "-", str(number + 1)], stdout=log, stderr=log)

    def kill(self, number=0):
        os.killpg(self.processes[number].pid, signal.SIGKILL)
        self.processes[number].wait()

    def leave_open(self, transactional_id, messages):
        """Leaves a transaction open, with messages of (topic, partition, key, value), as a producer that is killed does."""
        producer = confluent_kafka.Producer({"bootstrap.servers": self.addresses, "transactional.id": transactional_id,
                                             "transaction.timeout.ms": 2000, "log_level": 0})
        producer.init_transactions(TIME_LIMIT)
        producer.begin_transaction()
        for topic, partition, key, value in messages:
            producer.produce(topic, value, key, partition)
        if producer.flush(TIME_LIMIT) > 0:
            raise Failure("kafka: a transaction cannot be left open")

    def last_messages(self):
        logs = [self.folder / f"{number + 1}/log" for number in range(len(self.processes))]
        return "\n".join(f"{log}:\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def end(self):
        for number in range(len(self.processes)):
            self.kill(number)

    def make_topic(self, name):
        """Makes a topic, once there are brokers that let it be made."""
        replicas, deadline = min(len(self.processes), 3), time.monotonic() + TIME_LIMIT
        admin = AdminClient({"bootstrap.servers": self.addresses, "log_level": 0})
        while True:
            try:
                return admin.create_topics([NewTopic(name, PARTITIONS, replicas)])[name].result(TIME_LIMIT)
            except confluent_kafka.KafkaException as problem:
                if problem.args[0].code() == confluent_kafka.KafkaError.TOPIC_ALREADY_EXISTS:
                    return None
                if time.monotonic() > deadline:
                    raise Failure(f"kafka: {name} cannot be made: {problem}") from None
                time.sleep(0.2)

    def consumer(self):
        return confluent_kafka.Consumer({"bootstrap.servers": self.addresses, "group.id": "faults", "enable.partition.eof": True,
                                         "isolation.level": "read_committed", "enable.auto.commit": False, "log_level": 0})

    def are_whole(self):
        """Whether every partition has all of its replicas in step."""
        consumer = self.consumer()
        try:
            found = consumer.list_topics(timeout=60)
        except confluent_kafka.KafkaException:
            return False
        finally:
            consumer.close()
        return len(found.brokers) == len(self.processes) and all(
            len(part.isrs) == len(part.replicas) for topic in found.topics.values() for part in topic.partitions.values())

    def await_whole(self):
        deadline = time.monotonic() + 2 * TIME_LIMIT
        while not self.are_whole():
            if time.monotonic() > deadline:
                raise Failure("kafka: the replicas do not get in step")
            time.sleep(0.2)

    def committed(self, topic, partitions=PARTITIONS):
        """The messages that a reader of committed ones sees, in any order; none where there is no such topic."""
        settled(self.addresses, [topic])  # or markers of what was committed are still to come
        consumer = self.consumer()
        lines, ended, deadline = [], set(), time.monotonic() + TIME_LIMIT
        consumer.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in range(partitions)])
        while len(ended) < partitions:
            message = consumer.poll(1)
            error = message and message.error()
            if message is None or error and error.code() != confluent_kafka.KafkaError._PARTITION_EOF:
                if time.monotonic() > deadline:
                    raise Failure(f"kafka: {topic} cannot be read: {error}")
            elif error:
                ended.add(message.partition())
            else:
                lines.append(message.value())
                deadline = time.monotonic() + TIME_LIMIT
        consumer.close()
        return sorted(lines)


def make_table(name):
    forget_table(name)()
    DATABASE.run(f"CREATE TABLE {name} (timestamp timestamptz, sensor text, value double precision, extra text, mark text)")


class KafkaPipeline(Pipeline):
    """A pipeline whose topics, table and name are other ones after each reset(). `kind`: windows, load or send."""

    def __init__(self, kind, brokers, rows, seed, records=200, folder=None):
        folder = WORK / (folder or f"kafka-{kind}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        super().__init__(kind, folder, [], self.written, ordered=False)
        self.kind, self.brokers, self.records = kind, brokers, str(records)
        self.sink_options = ["-X", "transaction.timeout.ms=2000"]  # the longest that a transaction may stay open
        self.input = f"in-{uuid.uuid4().hex[:8]}"
        make_rows(folder / "in.csv", rows, seed)
        if kind != "send":
            brokers.make_topic(self.input)
            self.run("csv-tail in.csv | kafka-pub -t $INPUT -k sensor")
        command = {"windows": ' '.join(f"'{word}'" for word in MIDDLE) + " --rejects r", "load": "cat", "send": "cat"}[kind]
        self.expected = sorted(self.run(f"csv-tail in.csv | {command}").splitlines())
        if kind == "load":
            make_table("kafka_expected")
            self.run("csv-tail in.csv | pg-load --table kafka_expected --rejects r")
            self.expected = rows_of("kafka_expected")()

    def run(self, line):
        tools = tools_environment({**self.brokers.environment, "INPUT": self.input})
        done = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=self.folder, env=tools, check=False, capture_output=True)
        if done.returncode != 0:
            raise Failure(f"{line}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def environment(self, extra=None):
        return super().environment({**self.brokers.environment, **(extra or {})})

    def reset(self):
        super().reset()
        name = f"{self.kind}-{uuid.uuid4().hex[:8]}"
        paced = ["--checkpoint-every", "100ms", "--checkpoint-records", self.records, "--pipe", name]
        self.table, self.topic = "kafka_loaded", f"out-{name}"
        source = ["kafka-sub", "-t", self.input, "--from", "start", "--until", "end", *paced]
        if self.kind == "load":
            make_table(self.table)
            self.stages = [source, ["pg-load", "--table", self.table, "--pipe", name]]
            return
        self.brokers.make_topic(self.topic)
        sink = ["kafka-pub", "-t", self.topic, "-k", "sensor", "--pipe", name, *self.sink_options]
        self.stages = [["csv-tail", *paced, "in.csv"], sink] if self.kind == "send" else [source, MIDDLE, sink]

    def written(self):
        return rows_of(self.table)() if self.kind == "load" else self.brokers.committed(self.topic)

    def wait(self, processes, time_limit=TIME_LIMIT):
        """As Pipeline.wait(), but a pipeline whose epochs are committed does not hang, however many there are."""
        while True:
            before, deadline = self.last_commit(), time.monotonic() + time_limit
            if all([ended_by(process, deadline) for process in processes]):
                return [process.returncode for process in processes]
            if self.last_commit() == before:
                try:
                    return Pipeline.wait(processes, 0)
                except Failure as failure:
                    raise Failure(f"{failure}\nThe stages' last messages:\n{self.errors()[-2000:]}\n{self.brokers.last_messages()}") from None

    def last_commit(self):
        try:
            return int((self.folder / "state" / "commit").read_text() or 0)
        except (FileNotFoundError, ValueError):
            return 0

    def errors(self):
        return (self.folder / "errors").read_text(errors="replace")
