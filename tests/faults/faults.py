"""What scripts/faults runs: pipelines under faults, each against the run that nothing disturbed."""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from pipeline import BIN, PATIENCE, Failure, Pipeline, difference, forget_table, kill, kill_all, lines_of, rows_of, spawn

WORK = Path(os.environ["PARTS"])


def say(words):
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def make_rows(path, count, seed):
    """Rows of eight sensors and a random extra column, some late, some that no stage can use."""
    rng = random.Random(seed)
    with open(path, "w", encoding="utf-8") as out:
        out.write("timestamp,sensor,value,extra\n")
        for number in range(count):
            at = number // 4 - (rng.randrange(120) if rng.random() < 0.05 else 0)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_767_225_600 + max(at, 0)))
            value = "" if rng.random() < 0.01 else f"{rng.uniform(-20, 45):.2f}"
            if rng.random() < 0.002:
                value = "unreadable"
            extra = rng.choice(["plain", "with, comma", 'a "quote"', str(rng.randrange(10**12))])
            quoted = '"' + extra.replace('"', '""') + '"' if set(extra) & set(',"') else extra
            out.write(f"{stamp},s{rng.randrange(8)},{value},{quoted}\n")


def checkpoints(every):
    return ["--checkpoint-every", f"{every}ms"]


def file_pipeline(name, middle, every, seed, rows=40000):
    """csv-tail | … | csv-append over generated rows."""
    folder = WORK / name
    folder.mkdir(exist_ok=True)
    make_rows(folder / "in.csv", rows, seed)
    stages = [["csv-tail", *checkpoints(every), "--checkpoint-records", "300", "in.csv"], *middle, ["csv-append", "out.csv"]]
    return Pipeline(name, folder, stages, lines_of(folder / "out.csv"),
                    lambda: (folder / "out.csv").unlink(missing_ok=True))


WINDOWS = ["win-agg", "--every", "1m", "--lateness", "30s", "--by", "sensor", "--agg",
           "count() as n, sum(value) as total, last(extra) as newest, distinct(extra) as kinds, p90(value) as high"]
ALERTS = ["thresh-alert", "--by", "sensor", "--rule", "hot: value > 30 clear < 20"]
ALERT_FIELDS = ["--annotate"]


def windows_into_postgres(every, seed, rows=40000):
    folder = WORK / "windows-pg"
    folder.mkdir(exist_ok=True)
    make_rows(folder / "in.csv", rows, seed)
    stages = [["csv-tail", *checkpoints(every), "--checkpoint-records", "300", "in.csv"], WINDOWS,
              ["pg-load", "--table", "windows", "--create", "--ignore-extra"]]
    return Pipeline("windows-pg", folder, stages, rows_of("windows", "1, 2, 3"), forget_table("windows"), ordered=False)


def alerts_into_file(every, seed, rows=40000):
    return file_pipeline("alerts-csv", [[*ALERTS, *ALERT_FIELDS]], every, seed, rows)


def windows_into_file(every, seed, rows=40000):
    return file_pipeline("windows-csv", [WINDOWS], every, seed, rows)


KINDS = {"windows-csv": windows_into_file, "alerts-csv": alerts_into_file, "windows-pg": windows_into_postgres}


class Count:
    """How many faults were injected, and how many hit something that ran."""

    def __init__(self):
        self.injected = self.effective = self.runs = 0

    def __str__(self):
        return f"{self.injected} injected, {self.effective} effective, {self.runs} runs compared"


def kills(rng, budget, kinds, least):
    """kill -9 of one, several or all stages at random; half the time the next start overlaps. SIGTERM now and then."""
    count = Count()
    began = time.monotonic()
    while time.monotonic() - began < budget or count.effective < least:
        pipeline = KINDS[rng.choice(kinds)](rng.choice([5, 20, 100]), rng.randrange(1 << 30), rng.choice([10000, 40000]))
        pipeline.learn()
        pipeline.reset()
        gentle = 0
        for _ in range(rng.choice([5, 20, 60])):
            processes = pipeline.start()
            time.sleep(rng.expovariate(1 / 0.03))
            if rng.random() < 0.15:  # asked to stop: as if nothing had been
                signal_to = signal.SIGTERM if rng.random() < 0.5 else signal.SIGINT
                for process in processes:
                    process.send_signal(signal_to)
                statuses = pipeline.wait(processes)
                # One that does not catch signals yet dies of it, and its neighbours notice.
                if -signal_to not in statuses and any(status != 0 for status in statuses):
                    raise Failure(f"{pipeline.name}: asked to stop, it ended with {statuses}")
                gentle += 1
                continue
            victims = rng.choice([[rng.randrange(len(processes))], rng.sample(range(len(processes)), 2), range(len(processes))])
            for victim in victims:
                count.injected += 1
                count.effective += processes[victim].poll() is None
                processes[victim].kill()
            if rng.random() < 0.5:
                statuses = pipeline.wait(processes)
                if 3 in statuses or 2 in statuses:
                    raise Failure(f"{pipeline.name}: exit statuses {statuses}")
                pipeline.check_never_started_again()
            else:
                processes_before = processes  # the next start comes while the rest of this one still runs
                later = pipeline.start()
                pipeline.wait(processes_before)
                for process in later:
                    count.injected += 1
                    count.effective += process.poll() is None
                    process.kill()
                pipeline.wait(later)
        pipeline.run_through()
        pipeline.check(f"after {count.effective} kills and {gentle} stops")
        count.runs += 1
    minutes = (time.monotonic() - began) / 60
    return f"kills: {count}; {count.effective / minutes:.0f} effective kills a minute"


CALLS = {  # what a stage may be hit at, and by what
    "read": ["signal=KILL", "error=EIO", "error=EINTR"],
    "pread64": ["signal=KILL", "error=EIO"],
    "write": ["signal=KILL", "error=EIO", "error=ENOSPC"],
    "pwrite64": ["signal=KILL", "error=EIO", "error=ENOSPC", "error=EINTR"],
    "fsync": ["signal=KILL", "error=EIO"],
    "fdatasync": ["signal=KILL", "error=EIO"],
    "rename": ["signal=KILL", "error=ENOSPC"],
    "openat": ["signal=KILL", "error=EMFILE"],
    "poll": ["signal=KILL", "error=EINTR"],
    "flock": ["signal=KILL", "error=EINTR"],
    "unlink": ["signal=KILL"],
    "sendto": ["signal=KILL"],  # a send that fails on a connection that still receives is no fault of this world: libpq waits
    "recvfrom": ["signal=KILL", "error=ECONNRESET"],
}


def count_calls(pipeline, stage):
    """How often a stage makes each system call in a run that nothing disturbs."""
    pipeline.reset()
    log = pipeline.folder / "calls"
    pipeline.wait(pipeline.start({stage: ["strace", "-f", "-qq", "-c", "-o", str(log)]}))
    found = {}
    for line in log.read_text().splitlines():
        words = line.split()
        if len(words) >= 5 and words[-1] in CALLS:
            found[words[-1]] = int(words[3])
    return found


def syscalls(rng, budget, kinds, _least):
    """Every kind of system call of every stage fails, or is the last one, at points drawn from all of its calls."""
    count = Count()
    pipelines = []
    for kind in kinds:
        pipeline = KINDS[kind](5, rng.randrange(1 << 30), 6000)
        pipeline.learn()
        pipelines.append((pipeline, [None] * len(pipeline.stages)))
    began = time.monotonic()
    while time.monotonic() - began < budget:
        pipeline, calls = rng.choice(pipelines)
        stage = rng.randrange(len(calls))
        if calls[stage] is None:
            calls[stage] = count_calls(pipeline, stage)
        call = rng.choice(sorted(calls[stage]))
        fault = rng.choice(CALLS[call])
        when = rng.randint(1, calls[stage][call])
        pipeline.reset()
        log = pipeline.folder / "calls"
        log.unlink(missing_ok=True)
        inject = f"{call}:{fault}:when={when}"
        processes = pipeline.start({stage: ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={inject}"]})
        statuses = pipeline.wait(processes)
        count.injected += 1
        hit = log.exists() and ("INJECTED" in log.read_text(errors="replace") or "killed by SIGKILL" in log.read_text(errors="replace"))
        count.effective += hit
        if any(status in (2, 3) for status in statuses):
            if fault != "error=EMFILE":
                raise Failure(f"{pipeline.name}: {inject} in stage {stage}: exit statuses {statuses}")
        if pipeline.ordered:
            pipeline.check_prefix(f"{inject} in stage {stage}")
        pipeline.run_through()
        pipeline.check(f"{inject} in stage {stage}")
        count.runs += 1
    return f"system calls: {count}"


def flips(rng, budget, kinds, least):
    """A bit of a snapshot that a start needs is flipped: exit 3, and the output stays as it was."""
    count = Count()
    pipeline = KINDS["windows-csv"](5, rng.randrange(1 << 30), 60000)
    pipeline.learn()
    pipeline.reset()
    processes = pipeline.start()
    while int(committed(pipeline)) < 5:
        if processes[0].poll() is not None:
            raise Failure("flips: the pipeline is through before its fifth epoch")
        time.sleep(0.002)
    for process in processes:
        process.kill()
    pipeline.wait(processes)
    state = pipeline.folder / "state"
    whole = pipeline.folder / "state.whole"
    shutil.copytree(state, whole)
    output = (pipeline.folder / "out.csv").read_bytes()
    began = time.monotonic()
    while time.monotonic() - began < budget or count.injected < least:
        shutil.rmtree(state)
        shutil.copytree(whole, state)
        snapshots = [p for p in state.glob("*/e-*") if p.name == f"e-{last_epoch(state)}"]
        victim = rng.choice(snapshots)
        bytes_ = bytearray(victim.read_bytes())
        bit = rng.randrange(len(bytes_) * 8)
        bytes_[bit // 8] ^= 1 << bit % 8
        victim.write_bytes(bytes_)
        statuses = pipeline.wait(pipeline.start())
        count.injected += 1
        count.effective += 3 in statuses
        if 3 not in statuses:
            raise Failure(f"bit {bit} of {victim} flipped: exit statuses {statuses}")
        if (pipeline.folder / "out.csv").read_bytes() != output:
            raise Failure(f"bit {bit} of {victim} flipped: the output changed")
    shutil.rmtree(state)
    shutil.copytree(whole, state)
    pipeline.run_through()
    pipeline.check("with the whole state again")
    count.runs += 1
    shutil.rmtree(whole)
    return f"flipped bits: {count}"


def committed(pipeline):
    try:
        return (pipeline.folder / "state" / "commit").read_text().strip() or 0
    except FileNotFoundError:
        return 0


def last_epoch(state):
    """What a start will take up: csv-append's own last epoch decides."""
    return max(int(p.name[2:]) for p in (state / "csv-append").glob("e-*[0-9]"))


def full_disk(rng, budget, kinds, least):
    """The disk that holds state and output is filled and freed; the pipeline is started until it is through."""
    count = Count()
    disk = WORK / "disk"
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "weir-faults", str(disk)], check=True)
    try:
        began = time.monotonic()
        while time.monotonic() - began < budget or count.effective < least:
            pipeline = windows_into_file(5, rng.randrange(1 << 30), 40000)
            pipeline.learn()
            on_disk = disk / "run"
            shutil.rmtree(on_disk, ignore_errors=True)
            on_disk.mkdir()
            shutil.copy(pipeline.folder / "in.csv", on_disk / "in.csv")
            full = Pipeline("windows-csv on a small disk", on_disk, pipeline.stages, lines_of(on_disk / "out.csv"))
            full.expected = pipeline.expected
            for _ in range(6):
                processes = full.start()
                time.sleep(rng.expovariate(1 / 0.03))
                subprocess.run(["dd", "if=/dev/zero", f"of={disk}/filler", "bs=64K"], check=False, stderr=subprocess.DEVNULL)
                count.injected += 1
                statuses = full.wait(processes)
                count.effective += any(status == 1 for status in statuses)
                if any(status in (2, 3) for status in statuses):
                    raise Failure(f"full disk: exit statuses {statuses}")
                (disk / "filler").unlink()
                full.check_prefix("on a full disk")
            full.run_through()
            full.check("after the disk was full")
            count.runs += 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    return f"full disk: {count}"


def slow_sink(rng, budget, kinds, least):
    """The sink is frozen for a while: the source waits, and no stage's memory grows."""
    count = Count()
    began = time.monotonic()
    most = 0
    while time.monotonic() - began < budget or count.effective < least:
        pipeline = alerts_into_file(20, rng.randrange(1 << 30), 60000)
        pipeline.learn()
        pipeline.reset()
        processes = pipeline.start()
        time.sleep(0.1)
        sink = processes[-1]
        if sink.poll() is None:
            count.effective += 1
            sink.send_signal(signal.SIGSTOP)
            time.sleep(1)
            before = [resident(p) for p in processes[:-1]]
            time.sleep(rng.uniform(1, 3))
            after = [resident(p) for p in processes[:-1]]
            grown = max(b - a for a, b in zip(before, after))
            most = max(most, grown)
            if grown > 4 << 20:
                raise Failure(f"a stage grew by {grown} bytes while the sink was frozen")
            sink.send_signal(signal.SIGCONT)
        count.injected += 1
        if any(pipeline.wait(processes)):
            raise Failure("a frozen sink made the pipeline fail")
        pipeline.check("after the sink was frozen")
        count.runs += 1
    return f"frozen sink: {count}; no stage grew by more than {most} bytes meanwhile"


def resident(process):
    try:
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text()).group(1)) * 1024
    except (AttributeError, FileNotFoundError):
        return 0


def rotation(rng, budget, kinds, least):
    """The followed file is renamed away again and again, while stages are killed."""
    count = Count()
    folder = WORK / "rotation"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stages = [["csv-tail", "-f", *checkpoints(20), "f.csv"], ["csv-append", "out.csv"]]
    pipeline = Pipeline("rotation", folder, stages, lines_of(folder / "out.csv"))
    rows, serial = 0, 0
    processes = pipeline.start()
    began = time.monotonic()
    current = open(folder / "f.csv", "a", encoding="utf-8")
    current.write("n\n1\n")
    current.flush()
    rows = 1
    while len(lines_of(folder / "out.csv")()) < 2:  # what is renamed away before it was ever seen is nobody's
        if time.monotonic() - began > PATIENCE:
            raise Failure("rotation: the first row does not come")
        time.sleep(0.01)
    while time.monotonic() - began < budget or count.injected < least:
        for _ in range(rng.randrange(1, 40)):
            rows += 1
            current.write(f"{rows}\n")
        current.flush()
        if rng.random() < 0.7:
            serial += 1
            current.close()
            os.rename(folder / "f.csv", folder / f"f.csv.{serial}")
            count.injected += 1
            current = open(folder / "f.csv", "w", encoding="utf-8")
            current.write("n\n")
        time.sleep(rng.expovariate(1 / 0.01))
        if rng.random() < 0.05:
            rng.choice(processes).kill()
            pipeline.wait(processes)
            count.effective += 1
            processes = pipeline.start()
    current.close()
    deadline = time.monotonic() + 60
    while len(lines_of(folder / "out.csv")()) < rows + 1:
        if time.monotonic() > deadline:
            raise Failure(f"rotation: {len(lines_of(folder / 'out.csv')()) - 1} of {rows} rows came through {serial} renames")
        if any(process.poll() is not None for process in processes):
            statuses = pipeline.wait(processes)
            if 3 in statuses or 2 in statuses:
                raise Failure(f"rotation: exit statuses {statuses}: " + (folder / "errors").read_text()[-500:])
            processes = pipeline.start()
        time.sleep(0.05)
    for process in processes:
        process.send_signal(signal.SIGTERM)
    pipeline.wait(processes)
    found = sorted(int(line) for line in lines_of(folder / "out.csv")()[1:])
    if found != list(range(1, rows + 1)):
        raise Failure("rotation: rows are lost or doubled")
    count.runs = 1
    return f"rotation: {serial} renames, {count.effective} kills meanwhile, {rows} rows each once"


def bad_lines(rng, budget, kinds, least):
    """A million lines, most of them malformed in some way, through filters and a sink: in = out + rejected."""
    folder = WORK / "lines"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    total, control = 1_000_000, 0
    good = '{"timestamp":"2026-01-01T00:00:00Z","sensor":"a","value":1.5}'
    pieces = ["{", "}", "[", "]", '"', ":", ",", "\\", "null", "tru", "1e", "-", "\x00", "\x7f", "é", '{"@ctl":', '"barrier"', '"epoch":1',
              '"watermark"', '"time":', '"2026-01-01T00:00:00Z"', '"end"', '"begin"', '"restore"', '"run":', '"note"', "NaN", "\\ud800", " "]
    with open(folder / "in", "wb") as out:
        for number in range(total):
            kind = number % 4
            if kind == 0:
                line = good
            elif kind == 1:
                at = rng.randrange(1, len(good))
                line = good[:at] + rng.choice(pieces) + good[at + rng.randrange(0, 3):]
            elif kind == 2:
                line = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 12)))
            else:
                line = '{"@ctl":' + "".join(rng.choice(pieces) for _ in range(rng.randrange(0, 8)))
            raw = line.encode("utf-8", "surrogatepass") if rng.random() > 0.02 else bytes(rng.randrange(256) for _ in range(9)).replace(b"\n", b"")
            control += is_control(raw)
            out.write(raw + b"\n")
    blank = sum(1 for line in open(folder / "in", "rb") if not line.strip(b" \t\r\n"))
    command = ("thresh-alert --annotate --rule 'value > 9' --rejects r1 <in | advise --rejects r2 | "
               "csv-append --columns timestamp,sensor,value,level,mod_high_temp,low_temp,temp_message,advice --rejects r3 out.csv")
    environment = {key: value for key, value in os.environ.items() if key != "WEIR_STATE"}
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, check=False, capture_output=True,
                          env={**environment, "PATH": f"{BIN}:{os.environ['PATH']}"})
    if done.returncode != 0:
        raise Failure(f"malformed lines: exit {done.returncode}: {done.stderr.decode()[-300:]}")
    rows = len(lines_of(folder / "out.csv")()) - 1
    rejected = sum(len(lines_of(folder / name)()) for name in ("r1", "r2", "r3"))
    if rows + rejected + blank + control != total:
        raise Failure(f"malformed lines: {total} in, {rows} out, {rejected} rejected, {blank} blank, {control} words for stages")
    return f"malformed lines: {total:,} in = {rows:,} out + {rejected:,} rejected + {blank:,} blank + {control:,} well-formed control lines"


def is_control(raw):
    """Told independently: a JSON object that begins so, with a string for a word that is none of checkpoints'."""
    import json
    if not raw.startswith(b'{"@ctl":') or b"\0" in raw:
        return False
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError, RecursionError):
        return False
    word = value.get("@ctl")
    if word == "watermark":
        return value.get("time") == "2026-01-01T00:00:00Z"
    return isinstance(word, str) and word not in ("begin", "restore", "barrier", "end", "watermark")


def terminate_backends(rng, stop):
    """Ends sessions of pg-load while they work, some of them in the middle of their COMMIT. Returns how many."""
    query = ("SELECT count(*) FILTER (WHERE query ~* 'commit'), count(pg_terminate_backend(pid)) FROM pg_stat_activity "
             "WHERE application_name = 'pg-load' AND state <> 'idle'")
    in_commit = ended = 0
    while not stop():
        done = subprocess.run(["psql", "-XqAt", "-F", " ", "-c", query], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            commits, all_ = map(int, done.stdout.split())
            in_commit, ended = in_commit + commits, ended + all_
        time.sleep(rng.expovariate(1 / 0.02))
    return in_commit, ended


def postgres(rng, budget, kinds, least):
    """PostgreSQL is restarted at once, and its sessions are ended under way, while the pipeline runs."""
    count, restarts, commits = Count(), 0, 0
    # A COMMIT takes its time, so that it is met.
    subprocess.run(["psql", "-Xq", "-c", "ALTER SYSTEM SET commit_delay = 30000", "-c", "ALTER SYSTEM SET commit_siblings = 0",
                    "-c", "SELECT pg_reload_conf()"], check=True, capture_output=True)
    began = time.monotonic()
    while time.monotonic() - began < budget or restarts < least or commits < 3 * least:
        pipeline = windows_into_postgres(5, rng.randrange(1 << 30), 40000)
        pipeline.learn()
        pipeline.reset()
        for _ in range(4):
            processes = pipeline.start()
            over = time.monotonic() + rng.uniform(0.05, 0.4)
            in_commit, ended = terminate_backends(rng, lambda: time.monotonic() > over or processes[-1].poll() is not None)
            commits += in_commit
            count.injected += ended
            if rng.random() < 0.5:
                subprocess.run(["bash", "-c", 'source "$1"; pg_control restart -m immediate', "-", os.environ["PARTS_SH"]], check=True)
                restarts += 1
                count.injected += 1
            count.effective += processes[-1].poll() is None
            statuses = pipeline.wait(processes)
            if 2 in statuses or 3 in statuses:
                raise Failure(f"{pipeline.name}: exit statuses {statuses}")
        pipeline.run_through()
        pipeline.check(f"after {restarts} restarts of PostgreSQL and {commits} sessions ended in their COMMIT")
        count.runs += 1
    return f"PostgreSQL: {restarts} restarts at once, {commits} sessions ended in their COMMIT; {count}"


class Broker:
    """mosquitto with persistence, saving each change."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = int(subprocess.run(["bash", "-c", 'source "$1"; free_port', "-", os.environ["PARTS_SH"]],
                                       capture_output=True, text=True, check=True).stdout)
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nset_tcp_nodelay true\n"
            f"persistence true\npersistence_location {self.folder}/\nautosave_on_changes true\nautosave_interval 1\n"
            + ("user root\n" if os.getuid() == 0 else ""))
        self.process = None
        self.start()

    def start(self):
        path = os.environ["PATH"] + ":/usr/sbin"
        with open(self.folder / "mosquitto.log", "ab") as log:
            self.process = spawn(["mosquitto", "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log,
                                 env={**os.environ, "PATH": path})
        subprocess.run(["bash", "-c", 'source "$1"; wait_until 20 port_open "$2"', "-", os.environ["PARTS_SH"], str(self.port)],
                       check=True)

    def stop(self):
        """Killed at once it would now and then lose a message that it had just acknowledged (1 of some 1,000 seen)."""
        self.process.terminate()
        self.process.wait()


def broker(rng, budget, kinds, least):
    """mqtt-sub | win-agg | pg-load and mqtt-sub | thresh-alert | mqtt-pub, while stages are killed and the broker is restarted."""
    count, restarts = Count(), 0
    began = time.monotonic()
    while time.monotonic() - began < budget or restarts < least:
        restarts += broker_round(rng, count)
        count.runs += 2
    return f"broker: mosquitto restarted {restarts} times; {count}"


def broker_round(rng, count):
    folder = WORK / "broker"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    os.chmod(folder, 0o777)
    server = Broker(folder)
    environment = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(server.port)}
    make_rows(folder / "in.csv", 3000, rng.randrange(1 << 30))
    tools = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **environment}
    tools.pop("WEIR_STATE", None)
    run = lambda command: subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=tools, check=True,
                                         stderr=subprocess.DEVNULL)
    windows, alerts = [*WINDOWS, "--drop-partial", "--rejects", "r"], [*ALERTS]
    run("csv-tail in.csv >in.ndjson")
    for name, stage in (("windows", windows), ("alerts", alerts)):
        with open(folder / "in.ndjson", "rb") as rows, open(folder / f"{name}.expected", "wb") as out:
            subprocess.run(stage, cwd=folder, env=tools, stdin=rows, stdout=out, check=False, stderr=subprocess.DEVNULL)
    forget_table("windows")()
    forget_table("expected")()
    run("pg-load --table expected --create windows.expected")
    expected_rows = rows_of("expected", "1, 2, 3")()
    expected_alerts = set((folder / "alerts.expected").read_bytes().splitlines())
    stages = {"windows": [["mqtt-sub", "-t", "d/#", "--client-id", "w", *checkpoints(20)], WINDOWS + ["--drop-partial"],
                          ["pg-load", "--table", "windows", "--create"]],
              "alerts": [["mqtt-sub", "-t", "d/#", "--client-id", "a", *checkpoints(20)], alerts,
                         ["mqtt-pub", "-t", "alerts", "--id-field", "id"]]}
    pipelines = {}
    for name, each in stages.items():
        (folder / name).mkdir()
        pipelines[name] = Pipeline(name, folder / name, each, lambda: [])
    listener = spawn(["mqtt-sub", "-t", "alerts", "--durable", "--client-id", "listener"], env=tools, cwd=folder,
                     stdout=open(folder / "heard", "wb"), stderr=subprocess.DEVNULL)
    while not (folder / "heard").read_bytes():  # until it has subscribed, nothing is kept for it
        run("echo '{\"probe\":1}' | mqtt-pub -t alerts")
    heard = lambda: [line for line in (folder / "heard").read_bytes().splitlines() if b'"probe"' not in line]
    running = {name: pipeline.start(extra=environment) for name, pipeline in pipelines.items()}
    done = lambda: rows_of("windows", "1, 2, 3")() == expected_rows and expected_alerts <= {strip_id(line) for line in heard()}
    deadline = time.monotonic() + 60
    while not all(subscribed(folder / name) for name in stages):  # what is published before is nobody's
        if time.monotonic() > deadline:
            raise Failure("broker: the pipelines do not begin")
        time.sleep(0.05)
    publisher = spawn(["mqtt-pub", "-t", "d/x", "in.ndjson"], env=tools, cwd=folder, stderr=subprocess.DEVNULL)
    restarts = 0
    for _ in range(12):
        time.sleep(rng.expovariate(1 / 0.15))
        if rng.random() < 0.4:
            server.stop()
            server.start()
            restarts += 1
            count.injected += 1
            count.effective += 1
        for name, processes in running.items():
            if rng.random() < 0.5:
                victim = rng.choice(processes)
                count.injected += 1
                count.effective += victim.poll() is None
                kill(victim)
        for name in running:
            if any(process.poll() is not None for process in running[name]):
                Pipeline.wait(running[name])
                # Half the starts are under a system call that fails, or is the last one.
                wrap = None
                if rng.random() < 0.5:
                    call = rng.choice([each for each in sorted(CALLS) if each not in ("recvfrom", "sendto")])
                    inject = f"{call}:{rng.choice(CALLS[call])}:when={rng.randint(1, 60)}"
                    log = str(folder / f"{name}.calls")
                    wrap = {rng.randrange(3): ["strace", "-f", "-qq", "-o", log, "-e", f"trace={call}", "-e", f"inject={inject}"]}
                    count.injected += 1
                running[name] = pipelines[name].start(wrap, extra=environment)
    for name in running:  # from here on undisturbed
        for process in running[name]:
            kill(process)
        Pipeline.wait(running[name])
        running[name] = pipelines[name].start(extra=environment)
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise Failure(f"broker: {len(rows_of('windows', '1, 2, 3')())} of {len(expected_rows)} windows, "
                          f"{len({strip_id(line) for line in heard()})} of {len(expected_alerts)} alerts; "
                          f"publisher {publisher.poll()}; {difference(rows_of('windows', '1, 2, 3')(), expected_rows)}")
        for name in running:
            if any(process.poll() is not None for process in running[name]):
                Pipeline.wait(running[name])
                running[name] = pipelines[name].start(extra=environment)
        time.sleep(0.1)
    if {strip_id(line) for line in heard()} != expected_alerts:
        raise Failure("broker: alerts that the undisturbed run did not give")
    by_id = {}
    for line in heard():
        if by_id.setdefault(id_of(line), line) != line:
            raise Failure(f"broker: two messages with one id: {line!r}")
    if len(by_id) != len((folder / "alerts.expected").read_bytes().splitlines()):
        raise Failure(f"broker: {len(by_id)} ids for {len(expected_alerts)} alerts")
    for processes in running.values():
        for process in processes:
            process.send_signal(signal.SIGTERM)
        Pipeline.wait(processes)
    for process in (publisher, listener):
        process.kill()
        process.wait()
    server.stop()
    return restarts


def subscribed(folder):
    """The broker has said that it keeps this pipeline's session."""
    session = folder / "state" / "mqtt-sub" / "session"
    return session.exists() and "subscribed" in session.read_text().splitlines()


def strip_id(line):
    return re.sub(rb',"id":"[^"]*"', b"", line)


def id_of(line):
    return re.search(rb',"id":"([^"]*)"', line).group(1)


PARTS = {"kills": kills, "syscalls": syscalls, "flips": flips, "full-disk": full_disk, "slow-sink": slow_sink,
         "rotation": rotation, "lines": bad_lines, "postgres": postgres, "broker": broker}


def main():
    parser = argparse.ArgumentParser(prog="scripts/faults", description="pipelines under faults against undisturbed runs")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--part", action="append", choices=sorted(PARTS), help="only this; may be given again")
    parser.add_argument("--pipeline", action="append", choices=sorted(KINDS), help="only over this; may be given again")
    parser.add_argument("--budget", type=float, default=30, help="seconds for each part")
    parser.add_argument("--least", type=int, default=0, help="faults that must have hit in each part, whatever the budget")
    options = parser.parse_args()
    say(f"seed {options.seed}")
    for name in options.part or PARTS:
        try:
            say(PARTS[name](random.Random(f"{options.seed} {name}"), options.budget, options.pipeline or sorted(KINDS), options.least))
        except Failure as failure:
            evidence = Path(f"faults-{options.seed}").absolute()
            shutil.copytree(WORK, evidence, dirs_exist_ok=True, ignore=shutil.ignore_patterns("postgres"))
            say(f"FAILED: {name}: {failure}")
            say(f"evidence in {evidence}; again with --seed {options.seed} --part {name}")
            return 1
        finally:
            kill_all()
    say("verdict: every output equals the undisturbed run's")
    return 0


sys.exit(main())
