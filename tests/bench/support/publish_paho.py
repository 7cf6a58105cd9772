"""Publishes every line of a file by paho-mqtt: publish_paho.py HOST PORT TOPIC QOS IN_FLIGHT FILE."""
import collections
import sys

import paho.mqtt.client as mqtt

host, port, topic, qos, most, path = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), sys.argv[6]
client = mqtt.Client()
client.max_inflight_messages_set(most)
client.max_queued_messages_set(0)
client.connect(host, port)
client.loop_start()
# There are 65,535 message ids: past that paho refuses a message, and a benchmark that did not look would count it as sent.
waiting = collections.deque()
for line in open(path, "rb"):
    waiting.append(client.publish(topic, line[:-1], qos=qos))
    if len(waiting) > 60000:
        waiting.popleft().wait_for_publish()
for message in waiting:
    message.wait_for_publish()
client.disconnect()
client.loop_stop()
