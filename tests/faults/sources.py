"""Faulty system calls of sources at work: csv-tail through rotation, owm-poll with its server."""
import shutil
import time

from calls import calls_in, has_hit, strace, trace_all
from count import Count
from kinds import checkpoints
from pipeline import WORK, Failure, Pipeline, lines_of
from rotation import Rotation
from syscalls import drawn_fault, fault_at

PLACES = ["--city", "Athens", "--city", "Oslo", "--city", "Home@44.34,10.99"]


def hours_into_file():
    """The hours of two days, which every run asks for again, from a server whose time stands still."""
    folder = WORK / "hours"
    folder.mkdir(exist_ok=True)
    out = folder / "out.csv"
    stages = [["owm-poll", *checkpoints(5), "--once", "--provider", "open-meteo", "--past", "2d", *PLACES], ["csv-append", "out.csv"]]
    # The first and the last of the hours change with the clock.
    first, last = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - hours * 3600)).encode() for hours in (40, 1))
    # Places of one reply come in another order when their coordinates were looked up in another order.
    return Pipeline("hours", folder, stages, lambda: sorted(line for line in lines_of(out)() if first <= line[:20] < last), lambda: out.unlink(missing_ok=True), ordered=False)


class Struck(Rotation):
    """Rotation while a system call of a stage fails or is its last. An ended pipeline is started again with the next fault."""

    def __init__(self, name, rng, count):
        super().__init__(name)
        self.log = self.folder / "calls"
        self.rng = rng
        self.count = count
        self.struck = False
        self.calls = []
        for stage in range(2):
            self.stop()
            self.log.unlink(missing_ok=True)
            self.processes = self.pipeline.start({stage: trace_all(self.log)})
            for _ in range(4):
                super().step(rng)
                self.settle()
            self.stop()
            self.calls.append(calls_in(self.log))
        self.strike()

    def settle(self):
        """Waits until all rows are there or a stage has ended."""
        deadline = time.monotonic() + 300
        while len(self.out()) < self.rows + 1 and all(process.poll() is None for process in self.processes):
            if time.monotonic() > deadline:
                raise Failure(f"{self.name}: {self.struck}: {len(self.out()) - 1} of {self.rows} rows; " + self.pipeline.where(self.processes))
            time.sleep(0.005)

    def stop(self):
        self.ask_to_stop()
        self.look_at(self.pipeline.wait(self.processes))

    def strike(self):
        stage = 0 if self.rng.random() < 0.8 else 1
        call, fault, when = drawn_fault(self.rng, self.calls[stage])
        self.struck = f"{call}:{fault}:when={when} in stage {stage}"
        self.log.unlink(missing_ok=True)
        self.processes = self.pipeline.start({stage: strace(self.log, call, fault, when)})
        self.count.injected += 1

    def step(self, rng):
        """A run: rows and rotations until the fault has hit or all has been written, then the next one."""
        for _ in range(4):
            super().step(rng)
            self.settle()
        self.stop()
        self.count.effective += has_hit(self.log)
        self.count.runs += 1
        self.strike()


def sources(rng, options):
    """Runs both in turn."""
    shutil.rmtree(WORK / "rotation", ignore_errors=True)
    (WORK / "rotation").mkdir()
    count = Count()
    hours = hours_into_file()
    hours.learn()
    calls = [None, None]
    followed = Struck("struck", rng, count)
    began = time.monotonic()
    while time.monotonic() - began < options.budget or count.effective < options.least:
        followed.step(rng)
        fault_at(rng, hours, calls, count)
    followed.finish()
    return f"sources: {count}; {followed.rows:,} rows through {followed.serial} renames, each once"
