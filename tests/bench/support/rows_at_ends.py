"""A thousand rows at the end of each window, as win-agg writes them: rows_at_ends.py SECONDS WINDOWS"""
import datetime, os, sys, time

width, windows = int(sys.argv[1]), int(sys.argv[2])
for _ in range(windows):
    end = (int(time.time()) // width + 1) * width
    stamp = datetime.datetime.fromtimestamp(end, datetime.timezone.utc).isoformat().encode()
    rows = b"".join(b'{"window_end":"%s","sensorId":"S-%04d","count":1,"value_avg":74.25,"partial":false}\n' % (stamp, i) for i in range(1000))
    time.sleep(max(0, end - time.time()))
    while rows:
        rows = rows[os.write(1, rows):]
time.sleep(1)
