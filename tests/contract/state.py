"""What every tool with state must do; run by tests/contract/state, which has started the tool's servers."""
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
from listed import Listed  # noqa: E402
from pipeline import WORK, Failure, kill, kill_all  # noqa: E402

KILLS = 10

def until(pipeline, processes, epoch):
    """Waits until the sink has committed the epoch; False when a stage ends before."""
    while pipeline.committed() < epoch:
        if any(process.poll() is not None for process in processes):
            return False
        time.sleep(0.001)
    return True


def killed(pipeline, chance):
    """Stages are killed at random points until ten kills have hit; each time the end is that of an undisturbed run."""
    kills = rounds = starts = 0
    while kills < KILLS:
        rounds += 1
        if rounds > 40:
            raise Failure(f"only {kills} kills have hit in {rounds - 1} runs: there is too little to do")
        pipeline.reset()
        statuses = [1]
        while any(statuses):
            processes = pipeline.start()
            starts += 1
            if kills < KILLS:
                until(pipeline, processes, pipeline.committed() + chance.randrange(9))
                time.sleep(chance.uniform(0, 0.01))
                victims = chance.choice([[processes[pipeline.stage]], [chance.choice(processes)], processes])
                hit = [process for process in victims if process.poll() is None]
                for process in hit:
                    kill(process)
                kills += bool(hit)
            statuses = pipeline.wait(processes)
            if 2 in statuses or 3 in statuses:
                raise Failure(f"after kill {kills}: exit statuses {statuses}")
            if starts > 500:
                raise Failure("it does not come to its end")
        pipeline.check(f"after {kills} kills")
    print(f"killed: {kills} times in {starts} starts, the same output each of {rounds} times")


def half_way(pipeline):
    """A run of which all stages were killed after some epochs."""
    for _ in range(100):
        pipeline.reset()
        processes = pipeline.start()
        reached = until(pipeline, processes, 3)
        for process in processes:
            kill(process)
        statuses = pipeline.wait(processes)
        if reached and any(statuses):
            return
    raise Failure("it cannot be stopped half way: there is too little to do")


def expect(pipeline, status, words, what, instead=()):
    """A start in which the tool ends with a status and a message that has one of the words; `instead` are other words for its command."""
    errors = pipeline.folder / "errors"
    errors.unlink(missing_ok=True)
    own = pipeline.stages[pipeline.stage]
    pipeline.stages[pipeline.stage] = list(instead) or own
    try:
        statuses = pipeline.wait(pipeline.start())
    finally:
        pipeline.stages[pipeline.stage] = own
    said = errors.read_text(errors="replace")
    mine = [line for line in said.splitlines() if line.startswith(f"{pipeline.tool}: ")]
    if statuses[pipeline.stage] != status or not any(word in line for line in mine for word in words):
        raise Failure(f"{what}: {pipeline.tool} should end with {status} and report one of {words}; exit statuses {statuses}:\n{said}")
    print(f"{what}: exit {status}: {mine[-1]}")


def mount(*words):
    """Mounts are seen by this process and those it starts only: tests/contract/state has unshared them."""
    subprocess.run(["mount", *map(str, words)], check=True)


def unmount(folder):
    subprocess.run(["umount", str(folder)], check=True)


def full_disk(pipeline, own):
    """The tool's folder on a disk without room for one more snapshot."""
    copy = pipeline.folder / "copy"
    shutil.copytree(own, copy)
    # Snapshots that no start needs go now: the tool would make room by removing them.
    for each in copy.iterdir():
        kind, _, number = each.name.partition("-")
        if kind in ("e", "rows") and (not number.isdigit() or not 0 <= int(number) - pipeline.committed() <= 1):
            each.unlink()
    size = sum(-(-each.stat().st_size // 4096) * 4 for each in copy.rglob("*")) + 16
    mount("-t", "tmpfs", "-o", f"mode=700,size={size}k", "weir-full", own)
    shutil.copytree(copy, own, dirs_exist_ok=True)
    shutil.rmtree(copy)
    subprocess.run(["dd", "if=/dev/zero", f"of={own}/filler", "bs=4k"], check=False, stderr=subprocess.DEVNULL)
    expect(pipeline, 1, ["No space left"], "a full disk")
    (own / "filler").unlink()
    mount("-o", "remount,size=64m", own)


def read_only(pipeline, own):
    mount("--bind", own, own)
    mount("-o", "remount,bind,ro", own)
    expect(pipeline, 1, ["Read-only file system"], "a read-only folder")
    unmount(own)


def refused(pipeline, chance):
    """State that cannot be used, and a disk that takes none, stop the tool; nothing is lost by it."""
    half_way(pipeline)
    own = pipeline.folder / "state" / pipeline.tool
    if pipeline.entry["other"]:
        expect(pipeline, 3, ["option"], "other options", instead=[pipeline.tool, *pipeline.entry["other"], *barriers_of(pipeline)])
    snapshots = [each for each in own.glob("e-*") if each.name[2:].isdigit()]
    if snapshots:
        whole = pipeline.folder / "whole"
        shutil.copytree(own, whole)
        for each in snapshots:
            content = bytearray(each.read_bytes())
            bit = chance.randrange(len(content) * 8)
            content[bit // 8] ^= 1 << bit % 8
            each.write_bytes(content)
        expect(pipeline, 3, ["e-"], "a flipped bit")
        shutil.rmtree(own)
        shutil.move(whole, own)
    read_only(pipeline, own)
    if snapshots:
        full_disk(pipeline, own)
    changed = pipeline.entry["may_change"] or ["--quiet"]
    pipeline.stages[pipeline.stage][1:1] = changed
    pipeline.run_through()
    pipeline.check(f"to the end, with {' '.join(changed)}")
    print(f"to the end with {' '.join(changed)}: the same output")
    if snapshots:
        unmount(own)


def barriers_of(pipeline):
    """--checkpoint-… of a source's own command line."""
    words = pipeline.stages[pipeline.stage]
    return words[words.index("--checkpoint-every"):] if "--checkpoint-every" in words else []


def stateless(pipeline_tool, args):
    """A sink without state, at the end of a pipeline with state, reports it as wrong usage."""
    done = subprocess.run([pipeline_tool, *args], input=b'{"@ctl":"begin","v":1,"pipe":"p","run":"00000000000000000000000000000001"}\n', capture_output=True, check=False,
                          timeout=600)
    if done.returncode not in (1, 2) or b"state" not in done.stderr:
        raise Failure(f"control lines of a state that it does not keep: exit {done.returncode}: {done.stderr.decode()}")
    done = subprocess.run([pipeline_tool, *args, "--state", "state"], input=b'{"a":1}\n', capture_output=True, check=False, timeout=600)
    if done.returncode != 2 or b"--state" not in done.stderr:
        raise Failure(f"--state: exit {done.returncode}: {done.stderr.decode()}")
    print("without state: --state is wrong usage")


def main():
    tool, kind = sys.argv[1:3]
    seed = int(os.environ.get("WEIR_SEED") or random.randrange(1 << 30))
    print(f"seed {seed} (WEIR_SEED repeats it)", flush=True)
    try:
        if kind == "sink":
            stateless(tool, sys.argv[3:])
            return 0
        pipeline = Listed(tool, WORK / "run", seed=seed)
        pipeline.learn()
        print(f"undisturbed: {len(pipeline.expected)} lines in {pipeline.committed()} epochs")
        if len(pipeline.expected) < 20 or pipeline.committed() < 10:
            raise Failure("too little to show anything")
        chance = random.Random(seed)
        killed(pipeline, chance)
        refused(pipeline, chance)
        return 0
    except Failure as failure:
        print(f"FAILED {tool}: {failure}")
        errors = WORK / "run" / "errors"
        if errors.exists():
            print("\n".join(errors.read_text(errors="replace").splitlines()[-12:]))
        return 1
    finally:
        kill_all()


sys.exit(main())
