"""Pipelines with a server, of which stages are killed, and the server is killed and started again."""
import time

from count import Count
from pipeline import kill


def kill_servers_and_stages(rng, options, pipeline, restart, make_input):
    """Runs the pipeline on inputs that `make_input(seed)` makes until the budget is used up, and with --whole until 300 stages and 30
    servers were killed. `restart` kills the server and starts it again. Returns what to report."""
    count, restarts, kills = Count(), 0, 0

    def disturb(processes):
        nonlocal restarts, kills
        for _ in range(rng.randrange(1, 3)):
            time.sleep(rng.expovariate(1 / 0.1))
            victim = rng.choice([None, *(each for each in processes if each.poll() is None)])
            count.injected += 1
            if victim is None:
                restart()
                restarts += 1
            else:
                kills += victim.poll() is None
                kill(victim)
            count.effective += any(each.poll() is None for each in processes)

    began = time.monotonic()
    whole = lambda: not options.whole or kills >= 300 and restarts >= 30
    while time.monotonic() - began < options.budget or restarts + kills < options.least or not whole():
        make_input(rng.randrange(1 << 30))
        pipeline.learn()
        pipeline.come_through(disturb, 6, lambda: f"after {restarts} kills of the server and {kills} of stages")
        count.runs += 1
    return f"{pipeline.name}: the server killed {restarts} times, stages {kills} times; {count}"
