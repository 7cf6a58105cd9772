"""The Python form of influx-load: what has come on standard input is one request, and then what has come meanwhile: influx_post.py URL DATABASE."""
import http.client, json, os, sys, urllib.parse

url = urllib.parse.urlparse(sys.argv[1])
connection = http.client.HTTPConnection(url.hostname, url.port)
rest = b""
while block := os.read(0, 1 << 20):
    *lines, rest = (rest + block).split(b"\n")
    points = []
    for record in map(json.loads, lines):
        points.append(f"water_quality,plant_id={record['plantId']} value={record['value']},sent={record['sent']}i {record['sent']}")
    if points:
        connection.request("POST", f"/write?db={sys.argv[2]}&precision=ns", "\n".join(points))
        answer = connection.getresponse()
        assert answer.status == 204, answer.read()
        answer.read()
