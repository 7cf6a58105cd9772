"""kafka-sub | win-agg | kafka-pub, while stages, copies and the broker are killed, frozen and started again."""
import os
import shutil
import signal
import subprocess
import time
import uuid

import confluent_kafka

from count import Count
from kinds import make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, kill, spawn, tools_environment
from services import of_parts

PARTITIONS = 3
MIDDLE = ["win-agg", "--every", "1m", "--watermark", "key", "--late", "drop", "--by", "sensor", "--agg",
          "count() as n, sum(value) as total, first(mark) as mark"]


class Broker:
    """One broker, whose data outlive it."""

    def __init__(self):
        self.process = None
        # The function of scripts/servers/kafka.sh makes the configuration and formats the data; its broker ends with that shell.
        self.address = of_parts('unset WEIR_KAFKA; parts_pids=(); start_kafka >&2; echo "$KAFKA_BROKERS"; stop_kafka')
        self.start()

    def start(self):
        with open(WORK / "kafka/1/log", "ab") as log:
            self.process = spawn(["bash", "-c", 'source "$PARTS_SH"; exec "${KAFKA_JAVA[@]}" -Xmx512m kafka.Kafka "$PARTS/kafka/1/server.properties"'],
                                 stdout=log, stderr=log)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def make_topic(self, name):
        of_parts('export KAFKA_BROKERS=$1; make_topic "$2" "$3"', self.address, name, PARTITIONS)

    def committed(self, topic):
        """The messages that a reader of committed ones sees, in any order."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": self.address, "group.id": "faults", "enable.partition.eof": True,
                                             "isolation.level": "read_committed", "enable.auto.commit": False})
        consumer.assign([confluent_kafka.TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        lines, ended, deadline = [], set(), time.monotonic() + TIME_LIMIT
        while len(ended) < PARTITIONS:
            message = consumer.poll(1)
            if message is None or message.error() and message.error().code() != confluent_kafka.KafkaError._PARTITION_EOF:
                if time.monotonic() > deadline:
                    raise Failure(f"kafka: {topic} cannot be read: {message and message.error()}")
            elif message.error():
                ended.add(message.partition())
            else:
                lines.append(message.value())
        consumer.close()
        return sorted(lines)


def kafka(rng, options):
    """Each result is there once, whatever is killed."""
    broker, count, restarts, frozen, copies = Broker(), Count(), 0, 0, 0
    began = time.monotonic()
    rows = 20_000 if options.budget >= 20 else 5_000
    while time.monotonic() - began < options.budget or count.effective < options.least:
        folder = WORK / "kafka-pipeline"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        name = uuid.uuid4().hex[:8]
        make_rows(folder / "in.csv", rows, rng.randrange(1 << 30))
        tools = tools_environment({"KAFKA_BROKERS": broker.address})
        run = lambda line: subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=folder, env=tools, check=True, stderr=subprocess.DEVNULL)
        for topic in (f"in-{name}", f"out-{name}"):
            broker.make_topic(topic)
        run(f"csv-tail in.csv >in.ndjson; kafka-pub -t in-{name} -k sensor in.ndjson")
        with open(folder / "in.ndjson", "rb") as lines:
            whole = subprocess.run([*MIDDLE, "--rejects", "r"], cwd=folder, env=tools, stdin=lines, stdout=subprocess.PIPE, check=True, stderr=subprocess.DEVNULL)
        expected = sorted(whole.stdout.splitlines())
        stages = [["kafka-sub", "-t", f"in-{name}", "--from", "start", "--until", "end", "--checkpoint-every", "100ms", "--checkpoint-records", "200",
                   "--pipe", name], MIDDLE, ["kafka-pub", "-t", f"out-{name}", "-k", "sensor", "--pipe", name]]
        pipeline = Pipeline("kafka", folder, stages, lambda: broker.committed(f"out-{name}"))
        pipeline.expected = expected
        environment, faults = {"KAFKA_BROKERS": broker.address}, rng.choice([6, 15, 30] if options.budget >= 20 else [6])
        while faults > 0:
            processes = pipeline.start(extra=environment)
            time.sleep(rng.uniform(0, 3))
            for _ in range(rng.randrange(1, 4)):
                faults -= 1
                count.injected += 1
                victim = rng.choice(processes)
                count.effective += victim.poll() is None
                what = rng.random()
                if what < 0.15:
                    broker.kill()
                    restarts += 1
                    time.sleep(rng.uniform(0, 1))
                    broker.start()
                elif what < 0.25:  # longer than a copy takes to begin
                    victim.send_signal(signal.SIGSTOP)
                    time.sleep(rng.uniform(0, 2))
                    victim.send_signal(signal.SIGCONT)
                    frozen += 1
                elif what < 0.35:  # a copy by mistake, in the same folder or with the folder of before
                    copies += 1
                    Pipeline.wait(pipeline.start(extra=environment))
                else:
                    kill(victim)
                time.sleep(rng.expovariate(1 / 0.1))
            for process in processes:
                if rng.random() < 0.5:
                    kill(process)
            statuses = Pipeline.wait(processes)
            if 3 in statuses:
                raise Failure(f"kafka: exit statuses {statuses}")
        for _ in range(20):
            if not any(Pipeline.wait(pipeline.start(extra=environment))):
                break
        else:
            raise Failure("kafka: does not come to its end in 20 starts")
        pipeline.check(f"after {count.effective} faults")
        count.runs += 1
    broker.kill()
    return f"kafka: broker killed {restarts} times, stages frozen {frozen} times, {copies} copies; {count}"
