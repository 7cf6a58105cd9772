"""PostgreSQL and a broker that go away and come back."""
import signal
import subprocess
import time

from broker_case import id_of, strip_id
from calls import FAULTS, strace
from count import Count
from kinds import ALERTS, KINDS, WINDOWS, checkpoints, make_rows
from pipeline import TIME_LIMIT, Failure, Pipeline, difference, kill, spawn, tools_environment
from services import Broker, forget_table, of_parts, rows_of, subscribed


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


def postgres(rng, options):
    """Restarts PostgreSQL at once, and ends its sessions, while the pipeline runs."""
    count, restarts, commits = Count(), 0, 0
    # COMMIT is made slow, so that the test meets it.
    subprocess.run(["psql", "-Xq", "-c", "ALTER SYSTEM SET commit_delay = 30000", "-c", "ALTER SYSTEM SET commit_siblings = 0",
                    "-c", "SELECT pg_reload_conf()"], check=True, capture_output=True)

    def disturb(processes):
        nonlocal restarts, commits
        over = time.monotonic() + rng.uniform(0.05, 0.4)
        in_commit, ended = terminate_backends(rng, lambda: time.monotonic() > over or processes[-1].poll() is not None)
        commits += in_commit
        count.injected += ended
        if rng.random() < 0.5:
            of_parts("pg_control restart -m immediate")
            restarts += 1
            count.injected += 1
        count.effective += processes[-1].poll() is None

    began = time.monotonic()
    while time.monotonic() - began < options.budget or restarts < options.least or commits < 3 * options.least:
        pipeline = KINDS["windows-pg"](5, rng.randrange(1 << 30), 40000)
        pipeline.learn()
        pipeline.come_through(disturb, 4, lambda: f"after {restarts} restarts of PostgreSQL and {commits} sessions ended in their COMMIT")
        count.runs += 1
    return f"PostgreSQL: {restarts} restarts at once, {commits} sessions ended in their COMMIT; {count}"


def broker(rng, options):
    """mqtt-sub | win-agg | pg-load and mqtt-sub | thresh-alert | mqtt-pub, while stages are killed and the broker is restarted."""
    count, restarts = Count(), 0
    began = time.monotonic()
    while time.monotonic() - began < options.budget or restarts < options.least:
        restarts += broker_round(rng, count)
        count.runs += 2
    return f"broker: mosquitto restarted {restarts} times; {count}"


def broker_round(rng, count):
    server = Broker.in_folder("broker", saving=True)
    folder, environment = server.folder, server.environment
    make_rows(folder / "in.csv", 3000, rng.randrange(1 << 30))
    tools = tools_environment(environment)
    run = lambda command: subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=tools, check=True,
                                         stderr=subprocess.DEVNULL)
    windows, alerts = [*WINDOWS, "--drop-partial", "--rejects", "r"], [*ALERTS]
    run("csv-tail in.csv >in.ndjson")
    for name, stage in (("windows", windows), ("alerts", alerts)):
        with open(folder / "in.ndjson", "rb") as rows, open(folder / f"{name}.expected", "wb") as out:
            subprocess.run(stage, cwd=folder, env=tools, stdin=rows, stdout=out, check=False, stderr=subprocess.DEVNULL)
    forget_table("windows")()
    forget_table("expected")()
    run("pg-load --table expected --create --rejects refused windows.expected")  # text where the first row has a number
    expected_rows = rows_of("expected")()
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
    while not (folder / "heard").read_bytes():  # without a subscription the broker keeps nothing
        run("echo '{\"probe\":1}' | mqtt-pub -t alerts")
    heard = lambda: [line for line in (folder / "heard").read_bytes().splitlines() if b'"probe"' not in line]
    running = {name: pipeline.start(extra=environment) for name, pipeline in pipelines.items()}
    done = lambda: rows_of("windows")() == expected_rows and expected_alerts <= {strip_id(line) for line in heard()}
    deadline = time.monotonic() + 300
    while not all(subscribed(folder / name / "state") for name in stages):  # messages published earlier have no receiver
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
                # Half of the starts run with a system call that fails or is the last.
                wrap = None
                if rng.random() < 0.5:
                    call = rng.choice(sorted(FAULTS))
                    wrap = {rng.randrange(3): strace(folder / f"{name}.calls", call, rng.choice(FAULTS[call]), rng.randint(1, 60))}
                    count.injected += 1
                running[name] = pipelines[name].start(wrap, extra=environment)
    for name in running:  # undisturbed from here on
        for process in running[name]:
            kill(process)
        Pipeline.wait(running[name])
        running[name] = pipelines[name].start(extra=environment)
    deadline = time.monotonic() + TIME_LIMIT
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
