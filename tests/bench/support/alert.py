"""The Python form of mqtt-sub | thresh-alert --each | mqtt-pub: paho in, a comparison, paho out.

    alert.py HOST PORT TOPIC_IN TOPIC_OUT
"""
import json, sys
import paho.mqtt.client as mqtt

host, port, topic_in, topic_out = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
client = mqtt.Client()


def on_message(client, userdata, message):
    record = json.loads(message.payload)
    if record["temperature_c"] > 35:
        alert = {"timestamp": record["timestamp"], "state": "firing", "city": record["city"], "value": record["temperature_c"]}
        client.publish(topic_out, json.dumps(alert, separators=(",", ":")), qos=1)


client.on_connect = lambda client, userdata, flags, code: client.subscribe(topic_in, qos=1)
client.on_message = on_message
client.connect(host, port)
client.loop_forever()
