"""A frozen sink: the source waits, and no stage's memory grows."""
import math
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from count import Count
from kinds import ALERTS, checkpoints, make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, lines_of, tools_environment
from services import Broker, subscribed

SPOOL_LIMIT = 1 << 20
GROWTH = 4 << 20  # bytes by which a stage's memory may vary


def slow_sink(rng, options):
    """Freezes a sink for 1 to 30 seconds, at most 3 when the budget is short; every other time after a broker."""
    count, most_grown, frozen = Count(), 0, []
    longest = min(30.0, max(3.0, options.budget / 10))
    began = time.monotonic()
    while time.monotonic() - began < options.budget or count.effective < options.least:
        seconds = math.exp(rng.uniform(0, math.log(longest)))
        freeze = behind_broker if count.runs % 2 else behind_file
        most_grown = max(most_grown, freeze(rng, seconds))
        frozen.append(seconds)
        count.injected += 1
        count.effective += 1
        count.runs += 1
    return (f"frozen sink: {count}; {min(frozen):.1f} to {max(frozen):.1f} s each; the source's place stood still, "
            f"no stage grew by more than {most_grown:,} bytes meanwhile")


def behind_file(rng, seconds):
    folder = WORK / "frozen"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    make_rows(folder / "all.csv", 100_000, rng.randrange(1 << 30))
    whole = (folder / "all.csv").read_bytes()
    subprocess.run("csv-tail all.csv | thresh-alert --late drop --by sensor --annotate --rule 'hot: value > 30 clear < 20' --rejects /dev/null | "
                   "csv-append expected.csv", shell=True, cwd=folder, env=tools_environment(), check=True, stderr=subprocess.DEVNULL)
    out = lines_of(folder / "out.csv")
    pipeline = Pipeline("frozen after a file", folder, [["csv-tail", "-f", *checkpoints(20), "in.csv"], [*ALERTS, "--annotate"],
                                                         ["csv-append", "out.csv"]], out)
    pipeline.expected = lines_of(folder / "expected.csv")()
    begun = whole.index(b"\n", 4096) + 1
    (folder / "in.csv").write_bytes(whole[:begun])
    processes = pipeline.start()
    until(out, "the first rows do not come")
    processes[-1].send_signal(signal.SIGSTOP)
    with open(folder / "in.csv", "ab") as rows:
        rows.write(whole[begun:])
    grown = stand(processes, seconds, lambda: (bytes_read(processes[0]), newest(folder / "state" / "csv-tail")))
    if bytes_read(processes[0]) >= len(whole):
        raise Failure(f"the source went on reading to the end of {len(whole)} bytes while the sink was frozen")
    go_on(processes, pipeline, out)
    return grown


def go_on(processes, pipeline, out):
    """Continues the sink: all records arrive, and the pipeline stops on request."""
    processes[-1].send_signal(signal.SIGCONT)
    until(lambda: len(out()) >= len(pipeline.expected), "the rest does not come")
    for process in processes:
        process.send_signal(signal.SIGTERM)
    statuses = pipeline.wait(processes)
    if any(statuses):
        raise Failure(f"a frozen sink made the pipeline fail: exit statuses {statuses}")
    pipeline.check("after the sink was frozen")


def behind_broker(rng, seconds):
    broker = Broker.in_folder("frozen-broker")
    folder = broker.folder
    tools = tools_environment(broker.environment)
    make_rows(folder / "in.csv", 60_000, rng.randrange(1 << 30))
    rows = subprocess.run(["csv-tail", "in.csv"], cwd=folder, env=tools, check=True, stdout=subprocess.PIPE).stdout
    middle = [*ALERTS, "--annotate"]
    expected = subprocess.run([*middle, "--rejects", "/dev/null"], cwd=folder, env=tools, input=rows, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    subprocess.run(["csv-append", "expected.csv"], cwd=folder, env=tools, input=expected, check=True)
    source = ["mqtt-sub", "-t", "d/#", "--client-id", "frozen", "--spool-limit", str(SPOOL_LIMIT), "--checkpoint-every", "100ms"]
    out = lines_of(folder / "out.csv")
    pipeline = Pipeline("frozen after a broker", folder, [source, middle, ["csv-append", "out.csv"]], out)
    pipeline.expected = lines_of(folder / "expected.csv")()
    processes = pipeline.start(extra=broker.environment)
    until(lambda: subscribed(folder / "state"), "the broker has no subscription")
    processes[-1].send_signal(signal.SIGSTOP)
    subprocess.run(["mqtt-pub", "-t", "d/x"], env=tools, input=rows, check=True)
    spool = folder / "state" / "mqtt-sub" / "spool"
    spooled = lambda: sum(each.stat().st_size for each in spool.iterdir())
    grown = stand(processes, seconds, lambda: (spooled(), newest(folder / "state" / "mqtt-sub")))
    if spooled() >= len(rows):
        raise Failure(f"all of {len(rows)} bytes were spooled while the sink was frozen, in spite of a limit of {SPOOL_LIMIT}")
    go_on(processes, pipeline, out)
    broker.stop()
    shutil.rmtree(folder)
    return grown


def stand(processes, seconds, place):
    """Waits until the source's position and all memory have been constant for that long, as they must be once pipes are full.
    Returns the greatest growth of a stage."""
    deadline = time.monotonic() + TIME_LIMIT + seconds
    while True:
        before, there = [resident(each) for each in processes[:-1]], place()
        time.sleep(seconds)
        if processes[0].poll() is not None:
            raise Failure("the source has ended, although the sink is frozen")
        grown = max(resident(each) - old for each, old in zip(processes[:-1], before))
        if place() == there and grown <= GROWTH:
            return max(grown, 0)
        if time.monotonic() > deadline:
            raise Failure(f"while the sink is frozen the source moves on from {there} to {place()}, or a stage grows, by {grown} bytes")


def until(holds, problem):
    deadline = time.monotonic() + TIME_LIMIT
    while not holds():
        if time.monotonic() > deadline:
            raise Failure(f"frozen sink: {problem}")
        time.sleep(0.01)


def newest(stage_folder):
    """The last snapshot of a stage."""
    return max((int(each.name[2:]) for each in stage_folder.glob("e-*") if each.name[2:].isdigit()), default=0)


def bytes_read(process):
    return int(re.search(r"rchar: (\d+)", Path(f"/proc/{process.pid}/io").read_text())[1])


def resident(process):
    try:
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1]) * 1024
    except (TypeError, FileNotFoundError):
        return 0
