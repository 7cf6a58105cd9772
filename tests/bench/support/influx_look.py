"""How far behind the clock the newest point is, asked again and again for some seconds: influx_look.py URL DATABASE SECONDS.

The field `sent` holds the moment at which a record was due. What a query takes counts, as a reader waits for it too.
"""
import http.client, json, sys, time, urllib.parse

url, delays, begin = urllib.parse.urlparse(sys.argv[1]), [], time.time()
connection = http.client.HTTPConnection(url.hostname, url.port)
while (now := time.time()) < begin + float(sys.argv[3]):
    query = f"select last(sent) from water_quality where time > {int((now - 2) * 1e9)} and plant_id = 'p0'"
    connection.request("GET", "/query?" + urllib.parse.urlencode({"db": sys.argv[2], "q": query, "epoch": "ns"}))
    answer = json.load(connection.getresponse())
    series = answer["results"][0].get("series")
    if now > begin + 1:
        delays.append((time.time() - series[0]["values"][0][1] / 1e9) * 1e3 if series else 2000.0)
    time.sleep(0.005)
delays.sort()
print(f"{delays[len(delays) // 2]:9.2f} {delays[len(delays) * 99 // 100]:9.2f} {delays[-1]:9.2f}   {len(delays)} looks")
