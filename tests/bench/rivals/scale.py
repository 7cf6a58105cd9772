"""Runs each engine over a backlog, then beside live readings, then under kills, and prints the table of scripts/bench scale."""
import argparse
import os
import random
import signal
import statistics
import sys
import time

from engines import BY_ARRIVAL, COMMANDS, NAMED, STATE_IN_KAFKA, TITLES, Engine, Usage
from traffic import LAST, WINDOW, Live, Rows, expected, judge, judge_readings, load, make_topic


def arguments():
    parser = argparse.ArgumentParser()
    for name, kind, value in (("records", int, 2_000_000), ("keys", int, 1000), ("windows", int, 50), ("partitions", int, 4), ("rate", int, 5000),
                              # A window in 0.62 s: windows then end at all times between two commits, not always at the same one.
                              ("speed", float, 97), ("live", float, 30), ("kills", int, 5), ("commit", int, 1000), ("threads", int, 2), ("seed", int, 1),
                              ("kill-time", float, 1200), ("streams-heap", str, "384m"), ("flink-heap", str, "768m")):
        parser.add_argument(f"--{name}", type=kind, default=value)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[name for name in COMMANDS if os.environ.get(NAMED.get(name, "PATH"))])
    parser.add_argument("--shards", type=lambda text: [int(each) for each in text.split(",") if each], default=[1, 2, 4])
    options = parser.parse_args()
    for name in options.only:
        if name not in COMMANDS:
            sys.exit(f"scale: --only {name}: not one of {', '.join(COMMANDS)}")
        if name in NAMED and not os.environ.get(NAMED[name]):
            sys.exit(f"scale: --only {name}: its program is not named: {NAMED[name]}=PATH")
    if max(options.shards, default=1) > options.partitions:
        sys.exit(f"scale: --shards {max(options.shards)}: there are {options.partitions} partitions")
    return options


def backlog(name, brokers, options, source, cells, closing):
    """A run over readings that are all there. The rate is that after the first rows, so without the start of the program."""
    sink = f"backlog-{name}"
    make_topic(brokers, sink, options.partitions)
    engine, rows = Engine(name, brokers, options, source, sink), Rows(brokers, sink, options.partitions)
    begin = time.monotonic()
    engine.start()
    usage = Usage(engine.process.pid)
    if name in BY_ARRIVAL:
        whole = rows.wait_for(options.records, engine, closing, quiet=30, counted=rows.readings)
    else:
        whole = rows.wait_for(len(cells), engine, closing)
    if not whole:
        print(f"scale: {title_of(name)}: {len(rows.rows)} rows in the backlog, which has {len(cells)} windows\n{engine.messages()}", file=sys.stderr)
    time.sleep(1 + options.commit / 1000)
    usage.stop()
    engine.remove()
    rows.stop()
    taken = list(rows.rows)
    result = {"judged": (judge_readings if name in BY_ARRIVAL else judge)(taken, cells), "memory": usage.most}
    if taken:
        first, last = taken[0][0], taken[-1][0]
        head = max(row[0] for row in taken if row[0] <= first + options.commit / 2000)
        after = sum(row[3] for row in taken if row[0] > head)
        result |= {"start": first - begin, "whole": options.records / (last - begin), "started": usage.processor(begin, first)}
        if last - head < options.commit / 1000:  # all rows came within two commits or so: the start is included then
            head, after = begin, options.records
        result |= {"rate": after / (last - head), "processor": usage.processor(head, last) / after * 1e6}
    return result


def title_of(name):
    engine, _, shards = name.partition("-")
    return TITLES[engine] + (f", {shards} shard" + "s" * (shards != "1") if shards else "")


def closable(name, live, row):
    """From when on the window of a row could be closed, on the monotonic clock; 0 where that is not known."""
    if name in BY_ARRIVAL:  # seconds of the wall clock, and whole ones
        return row[1] / 1000 + 1 - (time.time() - time.monotonic())
    return live.closable.get(row[1] + WINDOW, 0)


def wait_for_window(name, rows, live, after, engine, limit=180):
    """Waits for a row of a window that could be closed only after this moment. Returns when it came, or None. An engine that ends by itself is
    started again, as a service manager would; the second time without its folder where Kafka has all of it, as an operator would."""
    seen, ended = len(rows.rows), 0
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if engine.process.poll() is not None:
            ended += 1
            time.sleep(1)
            engine.kill()
            if ended > 1 and name in STATE_IN_KAFKA:
                engine.forget()
            engine.start()
        for row in rows.rows[seen:]:
            seen += 1
            if closable(name, live, row) > after:
                return row[0]
        time.sleep(0.01)
    return None


def wait_for_lag(rows, live, speed, limit=120):
    """Waits until the rows are at most two seconds behind, as the readings of the start have to be caught up with. Returns whether they are."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if live.closable and max(live.closable) - WINDOW - max((row[1] for row in rows.rows[-1000:] if row[2] != LAST), default=0) <= 2000 * speed:
            return True
        time.sleep(0.1)
    return False


def beside_live(name, brokers, options):
    """Readings as they come: latency, processor and memory undisturbed; then kills, and what was lost or doubled."""
    source, sink = f"live-{name}", f"windows-{name}"
    make_topic(brokers, source, options.partitions)
    make_topic(brokers, sink, options.partitions)
    engine, rows, live = Engine(name, brokers, options, source, sink), Rows(brokers, sink, options.partitions), Live(brokers, source, options)
    engine.start()
    usage = Usage(engine.process.pid)
    if not rows.wait_for(1, engine):
        live.stop()
        rows.stop()
        print(f"scale: {TITLES[name]} writes no rows\n{engine.messages()}", file=sys.stderr)
        return {}
    keeps_up = name in BY_ARRIVAL or wait_for_lag(rows, live, options.speed)
    time.sleep(options.live / 3)  # warmed up
    begin = time.monotonic()
    time.sleep(options.live)
    end = time.monotonic()
    usage.stop()
    waits = sorted(row[0] - closable(name, live, row) for row in list(rows.rows) if begin <= closable(name, live, row) <= end)
    draw, recoveries, stuck, kills = random.Random(options.seed), [], 0, 0
    for number in range(options.kills):
        if time.monotonic() - end > options.kill_time:
            break
        kills += 1
        time.sleep(draw.uniform(0, 2 * options.commit / 1000))
        engine.kill()
        killed = time.monotonic()
        engine.start()
        if number % 4 == 1 and number + 1 < options.kills:
            continue  # the next kill comes while it starts
        recovered = wait_for_window(name, rows, live, killed, engine)
        if recovered is None:
            stuck += 1
        else:
            recoveries.append(recovered - killed)
    closing = live.stop()
    cells = expected(brokers, source, options.partitions)
    if name in BY_ARRIVAL:
        rows.wait_for(sum(cell[0] for cell in cells.values()), engine, closing, quiet=30, counted=rows.readings)
    else:
        rows.wait_for(len(cells), engine, closing)
    time.sleep(1 + options.commit / 1000)
    engine.remove()
    rows.stop()
    return {"waits": waits, "live": usage.processor(begin, end) / (end - begin), "live_memory": usage.most, "recoveries": recoveries,
            "kills": kills, "stuck": stuck, "forgot": engine.forgot, "keeps_up": keeps_up,
            "under_kills": (judge_readings if name in BY_ARRIVAL else judge)(rows.rows, cells), "windows": len(cells)}


def quantile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


COLUMNS = (  # title, value of a result, its form, whether more is better
    ("records/s", lambda each: each.get("rate"), "{:,.0f}", True),
    ("records/s, start included", lambda each: each.get("whole"), "{:,.0f}", True),
    ("CPU s a million records", lambda each: each.get("processor"), "{:.2f}", False),
    ("memory of all processes, MiB", lambda each: max(each.get("memory", 0), each.get("live_memory", 0)) / 2**20, "{:.0f}", False),
    ("memory beside live readings, MiB", lambda each: each.get("live_memory", 0) / 2**20 or None, "{:.0f}", False),
    ("CPU beside live readings, %", lambda each: each["live"] * 100 if "live" in each else None, "{:.1f}", False),
    ("window's end to row, p5, ms", lambda each: (quantile(each.get("waits"), 0.05) or 0) * 1000 or None, "{:.0f}", False),
    ("window's end to row, p50, ms", lambda each: (quantile(each.get("waits"), 0.5) or 0) * 1000 or None, "{:.0f}", False),
    ("window's end to row, p99, ms", lambda each: (quantile(each.get("waits"), 0.99) or 0) * 1000 or None, "{:.0f}", False),
    ("start to first rows, s", lambda each: each.get("start"), "{:.1f}", False),
    ("kill -9 to next window, median, s", lambda each: statistics.median(each["recoveries"]) if each.get("recoveries") else None, "{:.1f}", False),
    ("kill -9 to next window, worst, s", lambda each: max(each["recoveries"]) if each.get("recoveries") else None, "{:.1f}", False),
)


def show(results):
    names = list(results)
    rivals = [name for name in names if name != "weir"]
    beside = "   weir beside the best of the others" if rivals and "weir" in names else ""
    print(f"{'':<36}" + "".join(f"{TITLES[name]:>16}" for name in names) + beside)
    for title, value, form, more in COLUMNS:
        found = {name: value(results[name]) for name in names}
        line = f"{title:<36}" + "".join(f"{'-' if found[name] is None else form.format(found[name]):>16}" for name in names)
        known = [found[name] for name in rivals if found[name]]
        if known and found.get("weir"):
            best = max(known) if more else min(known)
            ratio = found["weir"] / best if more else best / found["weir"]
            line += f"   {ratio:.1f} times as good" + ("" if ratio > 1 else ": NOT AHEAD") + (
                ", NOT A TENTH" if title.startswith("memory") and ratio < 10 else "")
        print(line)
    for title, key in (("rows lost/doubled/wrong, backlog", "judged"), ("rows lost/doubled/wrong, killed", "under_kills")):
        print(f"{title:<36}" + "".join(f"{'/'.join(map(str, results[name][key])) if key in results[name] else '-':>16}" for name in names))
    print(f"{'kills':<36}" + "".join(f"{results[name].get('kills', '-'):>16}" for name in names))
    for name in names:
        if name in BY_ARRIVAL:
            print(f"{TITLES[name]} has windows of a second by arrival, not of a minute by the readings' time; counted are readings, not rows")
        if not results[name].get("keeps_up", True):
            print(f"{TITLES[name]} had not caught up with the live readings of its start after two minutes; its latency is with that lag")
        if results[name].get("forgot"):
            print(f"{TITLES[name]} could not open its store after {results[name]['forgot']} kills, until its folder was removed")
        if results[name].get("stuck"):
            print(f"{TITLES[name]}: after {results[name]['stuck']} kills no window came within three minutes")


def show_shards(results, options):
    """What more shards of one machine give: the processor time should stay as it is, and the rate grow while there are idle cores."""
    print(f"\n{'weir, the backlog once more':<36}{'records/s':>16}{'CPU s/million':>16}{'MiB':>10}{'lost/doubled/wrong':>22}")
    for name, each in results.items():
        print(f"{title_of(name):<36}{each.get('rate', 0):>16,.0f}{each.get('processor', 0):>16.2f}{each['memory'] / 2**20:>10.0f}"
              f"{'/'.join(map(str, each['judged'])):>22}")


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is running is ended
    brokers = os.environ["KAFKA_BROKERS"]
    print(f"scale: {options.records:,} readings of {options.keys:,} sensors in {options.windows} windows and {options.partitions} partitions; "
          f"then {options.rate:,} readings/s at {options.speed:g} x time for {options.live:g} s; then {options.kills} kills. "
          f"A commit each {options.commit} ms; {options.threads} threads each for the others; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    closing = load(brokers, "readings", options)
    cells = expected(brokers, "readings", options.partitions)
    results, by_shards = {}, {}
    try:
        for name in options.only:
            results[name] = backlog(name, brokers, options, "readings", cells, closing)
            results[name] |= beside_live(name, brokers, options)
            print(f"scale: {TITLES[name]}: done, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        for name in [f"weir-{count}" for count in options.shards if "weir" in options.only]:
            by_shards[name] = backlog(name, brokers, options, "readings", cells, closing)
    finally:
        Engine.end_all()
        show(results)  # of what is done, also when it is stopped
        if by_shards:
            show_shards(by_shards, options)
    bad = [name for name in results if any(results[name]["judged"]) or any(results[name].get("under_kills", [1]))]
    if "weir" in bad or any(any(each["judged"]) for each in by_shards.values()):
        sys.exit("scale: weir's rows are not those that they must be")
    if not bad:
        print("All rows are those of the independent computation, each once.")


main()
