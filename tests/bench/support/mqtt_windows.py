"""The Python form of mqtt-sub | win-agg | mqtt-pub: paho in, a dictionary, paho out. Ends after COUNT readings. A message may be an array of
readings; with PACK over 1 an array has so many rows.

    mqtt_windows.py HOST PORT TOPIC_IN TOPIC_OUT SECONDS COUNT [PACK]
"""
import datetime, json, sys
import paho.mqtt.client as mqtt

host, port, topic_in, topic_out, width, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], float(sys.argv[5]), int(sys.argv[6])
pack = int(sys.argv[7]) if len(sys.argv) > 7 else 1
client = mqtt.Client()
sums, window, seen = {}, None, 0


def emit():
    end = datetime.datetime.fromtimestamp((window + 1) * width, datetime.timezone.utc).isoformat()
    rows = [{"window_end": end, "sensorId": sensor, "count": n, "mean": total / n} for sensor, (n, total) in sums.items()]
    for i in range(0, len(rows), pack):
        client.publish(topic_out, json.dumps(rows[i] if pack == 1 else rows[i : i + pack]))
    sums.clear()


def take(record):
    global window, seen
    own = datetime.datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00")).timestamp() // width
    if window is not None and own > window:
        emit()
    if window is None or own > window:
        window = own
    n, total = sums.get(record["sensorId"], (0, 0.0))
    sums[record["sensorId"]] = (n + 1, total + record["value"])
    seen += 1


def on_message(client, userdata, message):
    records = json.loads(message.payload)
    for record in records if isinstance(records, list) else [records]:
        take(record)
    if seen == count:
        emit()
        client.disconnect()


client.on_connect = lambda client, userdata, flags, code: client.subscribe(topic_in, qos=0)
client.on_message = on_message
client.connect(host, port)
client.loop_forever()
