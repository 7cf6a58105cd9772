"""Readings into a topic, rows out of one, and what the rows must be: an independent computation over the readings in the topic."""
import datetime
import json
import random
import subprocess
import threading
import time
import uuid
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

WINDOW = 60_000
LATENESS = 2_000
BEGIN = int(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc).timestamp()) * 1000
LAST = "last"  # the sensor whose readings, one in each partition, close the windows of all others


def make_topic(brokers, name, partitions):
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
    admin.create_topics([NewTopic(name, partitions, 1)])[name].result(60)
    # Clients that ask before the broker itself knows of the topic look again after minutes.
    while True:
        topic = admin.list_topics(name, 60).topics[name]
        if topic.error is None and len(topic.partitions) == partitions and all(each.leader >= 0 for each in topic.partitions.values()):
            return
        time.sleep(0.05)


def consumer_of(brokers, name, partitions, isolation):
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": uuid.uuid4().hex, "isolation.level": isolation, "enable.auto.commit": False,
                         "fetch.wait.max.ms": 20, "topic.metadata.refresh.interval.ms": 1000, "log_level": 0})
    consumer.assign([TopicPartition(name, number, 0) for number in range(partitions)])
    return consumer


def reading(milliseconds, sensor, value):
    text = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f'{{"ts":"{text}.{milliseconds % 1000:03}Z","sensor":"{sensor}","metric":"temperature_c","value":{value:.2f},"unit":"C"}}'


class Closing:
    """Sends readings whose time is after all windows, one to each partition, as often as they are asked for: Kafka Streams looks for windows
    that are closed when a reading comes, but not with each."""

    def __init__(self, brokers, topic, options, milliseconds):
        self.producer = Producer({"bootstrap.servers": brokers})
        self.topic, self.partitions, self.line, self.sent = topic, options.partitions, reading(milliseconds, LAST, 0), 0

    def send(self):
        if time.monotonic() - self.sent < 0.5:
            return
        for partition in range(self.partitions):
            self.producer.produce(self.topic, self.line, LAST, partition)
        if self.producer.flush(60):
            raise SystemExit("scale: the broker does not take the last readings")
        self.sent = time.monotonic()


def load(brokers, topic, options):
    """Fills a topic with all the readings of the first phase. Returns what closes their last windows."""
    make_topic(brokers, topic, options.partitions)
    rate = options.records / options.windows / 60
    support = Path(__file__).resolve().parents[1] / "support"
    data = subprocess.Popen([support / "window-data", "--records", str(options.records), "--keys", str(options.keys), "--rate", str(rate)],
                            stdout=subprocess.PIPE)
    subprocess.run(["kafka-pub", "-q", "-b", brokers, "-t", topic, "-k", "sensor"], stdin=data.stdout, check=True)
    if data.wait():
        raise SystemExit("scale: the readings cannot be made")
    closing = Closing(brokers, topic, options, BEGIN + (options.windows + 10) * WINDOW)
    closing.send()
    return closing


def expected(brokers, topic, partitions):
    """{(window's start, sensor): [count, sum, least, greatest]} of all readings in the topic."""
    consumer = consumer_of(brokers, topic, partitions, "read_uncommitted")
    ends = {number: consumer.get_watermark_offsets(TopicPartition(topic, number), 60)[1] for number in range(partitions)}
    left = sum(ends.values())
    cells, minutes = {}, {}
    while left:
        for message in consumer.consume(10_000, 10):
            if message.error():
                raise SystemExit(f"scale: {message.error()}")
            left -= 1
            record = json.loads(message.value())
            minute = record["ts"][:16]
            start = minutes.get(minute) or minutes.setdefault(minute, milliseconds_of(minute + ":00+00:00"))
            value, cell = record["value"], cells.get((start, record["sensor"]))
            if cell is None:
                cells[start, record["sensor"]] = [1, value, value, value]
            else:
                cell[0] += 1
                cell[1] += value
                cell[2] = min(cell[2], value)
                cell[3] = max(cell[3], value)
    consumer.close()
    return {key: cell for key, cell in cells.items() if key[1] != LAST}


def milliseconds_of(text):
    return int(datetime.datetime.fromisoformat(text).timestamp()) * 1000


class Rows(threading.Thread):
    """Reads the committed rows of a topic as they come: (when, window's start, sensor, count, mean, least, greatest)."""

    def __init__(self, brokers, topic, partitions):
        super().__init__(daemon=True)
        self.consumer = consumer_of(brokers, topic, partitions, "read_committed")
        self.rows, self.over, self.starts = [], threading.Event(), {}
        self.start()

    def run(self):
        while not self.over.is_set():
            first = self.consumer.poll(0.05)  # consume() would wait for more rows, up to its time limit
            for message in [first, *self.consumer.consume(1000, 0)] if first else ():
                if message.error():
                    continue
                row, now = json.loads(message.value()), time.monotonic()
                text = row["window_start"]
                start = self.starts.get(text) or self.starts.setdefault(text, milliseconds_of(text))
                self.rows.append((now, start, row["sensor"], row["n"], row["mean"], row["min"], row["max"]))
        self.consumer.close()

    def stop(self):
        self.over.set()
        self.join()

    def readings(self):
        return sum(row[3] for row in self.rows if row[2] != LAST)

    def wait_for(self, count, engine, closing=None, quiet=180, counted=None):
        """Waits until so many rows are there, the engine has ended, or no row has come for so many seconds. Returns whether they are there.
        `counted` counts something else than rows."""
        seen, since = 0, time.monotonic()
        while (counted or self.rows.__len__)() < count:
            if len(self.rows) > seen:
                seen, since = len(self.rows), time.monotonic()
            if closing:
                closing.send()
            if time.monotonic() - since > quiet or engine.process.poll() is not None:
                return False
            time.sleep(0.02)
        return True


def judge(rows, cells):
    """(lost, doubled, wrong) rows beside what they must be."""
    found, doubled, wrong = set(), 0, 0
    for _, start, sensor, *values in rows:
        if sensor == LAST:
            continue
        key = start, sensor
        doubled += key in found
        found.add(key)
        cell = cells.get(key)
        if cell is None or values[0] != cell[0] or abs(values[1] - cell[1] / cell[0]) > 1e-9 * abs(values[1]) or values[2:] != cell[2:]:
            wrong += 1
    return len(cells.keys() - found), doubled, wrong


def judge_readings(rows, cells):
    """(lost, doubled, wrong) readings of windows by arrival: by the counts of each sensor; wrong: rows whose values no reading has."""
    found, least, greatest, wanted = {}, {}, {}, {}
    for (_, sensor), (count, _, low, high) in cells.items():
        wanted[sensor] = wanted.get(sensor, 0) + count
        least[sensor] = min(low, least.get(sensor, low))
        greatest[sensor] = max(high, greatest.get(sensor, high))
    wrong = 0
    for _, _, sensor, count, mean, low, high in rows:
        if sensor == LAST:
            continue
        found[sensor] = found.get(sensor, 0) + count
        wrong += sensor not in wanted or not least[sensor] <= low <= mean + 1e-9 <= high + 2e-9 <= greatest[sensor] + 2e-9
    differences = [count - found.get(sensor, 0) for sensor, count in wanted.items()]
    return sum(each for each in differences if each > 0), -sum(each for each in differences if each < 0), wrong


class Live(threading.Thread):
    """Sends readings at a rate, whose event time goes `speed` times as fast as the clock. Notes from when on each window can be closed."""

    def __init__(self, brokers, topic, options):
        super().__init__(daemon=True)
        self.producer = Producer({"bootstrap.servers": brokers, "linger.ms": 2, "enable.idempotence": True})
        self.brokers, self.topic, self.options = brokers, topic, options
        self.closable, self.over, self.time = {}, threading.Event(), BEGIN
        self.problem = None
        self.start()

    def run(self):
        try:
            self.send()
        except Exception as problem:  # it belongs to the main thread
            self.problem = problem

    def send(self):
        options, draw = self.options, random.Random(1)
        heads = [0] * options.partitions
        begin, sent, end = time.monotonic(), 0, BEGIN + WINDOW
        while not self.over.wait(0.01):
            due = int((time.monotonic() - begin) * options.rate)
            for number in range(sent, due):
                self.time = BEGIN + int(number * 1000 / options.rate * options.speed)
                late = draw.random() < 0.05
                moment = max(BEGIN, self.time - int(draw.random() * LATENESS)) if late else self.time
                sensor = draw.randrange(options.keys)
                partition = sensor % options.partitions
                heads[partition] = max(heads[partition], moment)
                self.put(reading(moment, f"s{sensor:05}", 10 + 20 * draw.random()), f"s{sensor:05}", partition)
                while moment >= end + LATENESS and min(heads) >= end + LATENESS:  # at once, as a late batch may be of seconds
                    self.closable[end] = time.monotonic()
                    end += WINDOW
            sent = due
            self.producer.poll(0)
        if self.producer.flush(60):
            raise RuntimeError("the broker does not take the readings")

    def put(self, text, sensor, partition):
        while True:
            try:
                return self.producer.produce(self.topic, text, sensor, partition)
            except BufferError:  # the broker is slow
                self.producer.poll(0.1)

    def stop(self):
        """Ends the readings, and returns what closes their last windows."""
        self.over.set()
        self.join()
        if self.problem:
            raise self.problem
        return Closing(self.brokers, self.topic, self.options, self.time + 10 * WINDOW)
