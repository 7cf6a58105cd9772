"""How long after its window's end each row has come: rows on standard input, one a line or arrays of them, until none has come for 4 s or the
input ends. They are read apart only then, so that this takes no time from what is measured.

Prints p50, p99 and the longest delay in ms over rows of whole windows, the first row's median, and how many records all rows count."""
import datetime, json, os, select, sys, time

delays, firsts, counted, held, blocks = [], {}, 0, b"", []
limit = 60.0
while select.select([0], [], [], limit)[0]:
    bytes_ = os.read(0, 1 << 20)
    if not bytes_:
        break
    blocks.append((time.time(), bytes_))
    limit = float(sys.argv[1]) + 4
for now, bytes_ in blocks:
    *lines, held = (held + bytes_).split(b"\n")
    for line in lines:
        rows = json.loads(line)
        for row in rows if isinstance(rows, list) else [rows]:
            counted += row["count"]
            delay = now - datetime.datetime.fromisoformat(row["window_end"].replace("Z", "+00:00")).timestamp()
            if delay < 0:  # the last window is cut off by the end of the input
                continue
            delays.append(delay)
            firsts.setdefault(row["window_end"], delay)
delays.sort()
firsts = sorted(firsts.values())
if not delays:
    sys.exit("no rows came")
print(f"{delays[len(delays) // 2] * 1e3:8.1f} {delays[len(delays) * 99 // 100] * 1e3:8.1f} {delays[-1] * 1e3:8.1f} {firsts[len(firsts) // 2] * 1e3:8.1f}   {len(firsts)} {counted}")
