"""Waits until no transaction is open in topics: kafka_settled.py BROKERS TOPIC…

A producer's commit returns before the markers of its transaction are in the partitions. Until they are, readers of committed messages stop
before what was committed, and "the end" is there for them."""
import sys
import time

from confluent_kafka import Consumer, TopicPartition


def open_partitions(brokers, topics):
    """The partitions whose last stable offset, where readers of committed messages stop, is before their end."""
    ends = []
    for isolation in "read_uncommitted", "read_committed":  # the end first: what comes after it does not count
        consumer = Consumer({"bootstrap.servers": brokers, "group.id": "settled", "isolation.level": isolation, "log_level": 0})
        known = consumer.list_topics(timeout=60).topics
        places = [TopicPartition(topic, number, -1) for topic in topics if topic in known for number in sorted(known[topic].partitions)]
        ends.append({(each.topic, each.partition): each.offset for each in (consumer.offsets_for_times(places, timeout=60) if places else [])})
        consumer.close()
    return [place for place, end in ends[0].items() if ends[1].get(place, end) < end]


def settled(brokers, topics, limit=120):
    """Whether none is open, after so many seconds at most."""
    deadline = time.monotonic() + limit
    while open_partitions(brokers, topics):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


if __name__ == "__main__":
    if not settled(sys.argv[1], sys.argv[2:]):
        sys.exit(f"a transaction is open: {open_partitions(sys.argv[1], sys.argv[2:])}")
