"""Storage that corrupts bits, or is full."""
import shutil
import subprocess
import time

from count import Count
from kinds import KINDS
from pipeline import WORK, Failure, Pipeline, lines_of


def flips(rng, options):
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
    completed = False
    began = time.monotonic()
    while time.monotonic() - began < options.budget or count.injected < options.least:
        shutil.rmtree(state)
        shutil.copytree(whole, state)
        last = last_epoch(state)
        snapshots = [p for p in state.glob("*/*") if p.name in (f"e-{last}", f"rows-{last}")]
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
        # The sink may have completed what its own snapshot had committed before the kill, and nothing else.
        found = (pipeline.folder / "out.csv").read_bytes()
        if found != output and (completed or not found.startswith(output)):
            raise Failure(f"bit {bit} of {victim} flipped: the output changed")
        completed = completed or found != output
        output = found
        pipeline.check_prefix(f"bit {bit} of {victim} flipped")
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
    """The epoch that a start will restore: the last one of csv-append."""
    return max(int(p.name[2:]) for p in (state / "csv-append").glob("e-*[0-9]"))


def full_disk(rng, options):
    """Fills and frees the disk of state and output, and starts the pipeline until it completes."""
    count = Count()
    disk = WORK / "disk"
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "weir-faults", str(disk)], check=True)
    try:
        began = time.monotonic()
        while time.monotonic() - began < options.budget or count.effective < options.least:
            pipeline = KINDS["windows-csv"](5, rng.randrange(1 << 30), 40000)
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
    except Failure:
        shutil.copytree(disk / "run", WORK / "full-disk")  # kept as evidence
        raise
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    return f"full disk: {count}"
