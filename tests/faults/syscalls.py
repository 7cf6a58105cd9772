"""Random system calls of any stage that fail, or are its last."""
import time

from calls import calls_in, faults_of, has_hit, strace, trace_all
from count import Count
from kinds import KINDS
from pipeline import Failure


def calls_of(pipeline, stage):
    """The number of each system call that a stage makes in an undisturbed run."""
    pipeline.reset()
    log = pipeline.folder / "calls"
    pipeline.wait(pipeline.start({stage: trace_all(log)}))
    return calls_in(log)


def drawn_fault(rng, calls):
    """Draws a call, a fault and a position after the loader's calls, from the result of calls_in()."""
    call = rng.choice(sorted(calls))
    loaded, in_all = calls[call]
    return call, rng.choice(faults_of(call)), rng.randint(loaded + 1, in_all) if in_all > loaded else 1


def fault_at(rng, pipeline, calls, count):
    """Runs a pipeline with one fault, and further starts until its end. `calls` caches those of each stage."""
    stage = rng.randrange(len(calls))
    if calls[stage] is None:
        calls[stage] = calls_of(pipeline, stage)
    call, fault, when = drawn_fault(rng, calls[stage])
    pipeline.reset()
    log = pipeline.folder / "calls"
    log.unlink(missing_ok=True)
    processes = pipeline.start({stage: strace(log, call, fault, when)})
    statuses = pipeline.wait(processes)
    count.injected += 1
    count.effective += has_hit(log)
    inject = f"{call}:{fault}:when={when}"
    if 2 in statuses or 3 in statuses:
        raise Failure(f"{pipeline.name}: {inject} in stage {stage}: exit statuses {statuses}")
    if pipeline.ordered:
        pipeline.check_prefix(f"{inject} in stage {stage}")
    pipeline.run_through()
    pipeline.check(f"{inject} in stage {stage}")
    count.runs += 1


def syscalls(rng, options):
    """Every kind of system call of every stage fails, or is the last one, at points drawn from all of its calls."""
    count = Count()
    pipelines = {}
    began = time.monotonic()
    while time.monotonic() - began < options.budget:
        kind = rng.choice(options.kinds)
        if kind not in pipelines:
            pipeline = KINDS[kind](5, rng.randrange(1 << 30), 6000)
            pipeline.learn()
            pipelines[kind] = (pipeline, [None] * len(pipeline.stages))
        fault_at(rng, *pipelines[kind], count)
    return f"system calls: {count} over {len(pipelines)} pipelines"
