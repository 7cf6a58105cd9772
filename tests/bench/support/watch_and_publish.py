"""The Python form of csv-tail -f | mqtt-pub: watchdog tells that the file has changed, its last line is read and published by paho.

    watch_and_publish.py FILE HOST PORT TOPIC
"""
import json, os, sys, time
import paho.mqtt.client as mqtt
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

path, host, port, topic = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
client = mqtt.Client()
client.connect(host, port)
client.loop_start()
header = open(path).readline().strip().split(",")


class OnChange(FileSystemEventHandler):
    def on_modified(self, event):
        if event.src_path != path:
            return
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 4096))
            last = file.read().decode().splitlines()[-1]
        record = dict(zip(header, last.split(",")))
        if record == dict(zip(header, header)):
            return
        record["temperature_c"] = float(record["temperature_c"])
        client.publish(topic, json.dumps(record), qos=1)


observer = Observer()
observer.schedule(OnChange(), os.path.dirname(path))
observer.start()
while True:
    time.sleep(60)
