"""Appends lines to a CSV file and notes when what came of each arrives, as lines on standard input with the line's
number in "value" (or the field that the variable FIELD names).

    append_and_listen.py FILE rate LINES_PER_SECOND SECONDS    one line at a time, evenly
    append_and_listen.py FILE burst LINES                      all at once, in blocks

Prints one line: what was sent and lost, p50 and p99 of the delay in ms (rate), or lines per second up to the last arrival (burst).
"""
import json, os, select, sys, threading, time

path, mode = sys.argv[1], sys.argv[2]
base = 1_000_000
sent, arrived = {}, {}
clock = time.perf_counter
mark = b'"%s":' % os.environ.get("FIELD", "value").encode()


def listen():
    for line in sys.stdin.buffer:
        now = clock()
        start = line.find(mark)
        if start < 0:
            continue
        number = int(float(line[start + len(mark) :].split(b",", 1)[0].rstrip(b"}\n"))) - base
        arrived.setdefault(number, now)


def row(number):
    return b"2026-01-01T00:00:00Z,Athens,%d\n" % (base + number)


threading.Thread(target=listen, daemon=True).start()
out = os.open(path, os.O_WRONLY | os.O_APPEND)

# The chain stands when a first line has come through it.
os.write(out, row(0))
deadline = clock() + 30
while 0 not in arrived:
    if clock() > deadline:
        print("the chain does not answer", file=sys.stderr)
        os._exit(1)
    time.sleep(0.2)
    if 0 not in arrived:
        os.write(out, row(0))
time.sleep(1)

if mode == "rate":
    rate, count = float(sys.argv[3]), int(float(sys.argv[3]) * float(sys.argv[4]))
    start = clock()
    for i in range(1, count + 1):
        wait = start + i / rate - clock()
        if wait > 0:
            time.sleep(wait)
        sent[i] = clock()
        os.write(out, row(i))
else:
    count = int(sys.argv[3])
    start = clock()
    for first in range(1, count + 1, 1000):
        os.write(out, b"".join(row(i) for i in range(first, min(first + 1000, count + 1))))

# Done when all are there, or when nothing has come for two seconds.
last, since = len(arrived), clock()
while len(arrived) < count + 1 and clock() - since < 2:
    time.sleep(0.05)
    if len(arrived) != last:
        last, since = len(arrived), clock()

lost = count + 1 - len(arrived)
if mode == "rate":
    delays = sorted(arrived[i] - sent[i] for i in sent if i in arrived)
    at = lambda q: 1000 * delays[min(len(delays) - 1, int(q * len(delays)))] if delays else float("nan")
    print(json.dumps({"lines": count, "rate": rate, "lost": lost, "p50_ms": round(at(0.5), 3), "p99_ms": round(at(0.99), 3)}))
else:
    print(json.dumps({"lines": count, "lost": lost, "per_second": round(count / (max(arrived.values()) - start))}))
sys.stdout.flush()
os._exit(0)  # the thread sits in a read
