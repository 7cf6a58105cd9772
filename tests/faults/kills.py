"""Stages killed at random."""
import signal
import time

from count import Count
from kinds import KINDS
from pipeline import Failure


def kills(rng, options):
    """Kills one, several or all stages at random; half of the time the next start overlaps. Sends SIGTERM now and then."""
    count = Count()
    began = time.monotonic()
    while time.monotonic() - began < options.budget or count.effective < options.least:
        pipeline = KINDS[rng.choice(options.kinds)](rng.choice([5, 20, 100]), rng.randrange(1 << 30), rng.choice([10000, 40000]))
        pipeline.learn()
        pipeline.reset()
        gentle = 0
        for _ in range(rng.choice([5, 20, 60])):
            processes = pipeline.start()
            time.sleep(rng.expovariate(1 / 0.03))
            if rng.random() < 0.15:  # asked to stop: must have no effect
                signal_to = signal.SIGTERM if rng.random() < 0.5 else signal.SIGINT
                for process in processes:
                    process.send_signal(signal_to)
                statuses = pipeline.wait(processes)
                # A stage that does not catch signals yet dies, and its neighbours notice.
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
                processes_before = processes  # the next start overlaps with the rest of this one
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
