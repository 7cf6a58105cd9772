"""Rotation of the followed file, in each manner for which csv-tail(1) promises that no row is lost."""
import os
import shutil
import signal
import subprocess
import time

from kinds import checkpoints
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, kill, lines_of


class Rotation:
    """A file that grows and is renamed away at the top of a pipeline that follows it; stages are killed now and then."""

    follow = ["-f"]

    def __init__(self, name):
        self.name = name
        self.folder = WORK / "rotation" / name
        self.folder.mkdir()
        self.path = self.folder / "f.csv"
        self.out = lines_of(self.folder / "out.csv")
        stages = [["csv-tail", *self.follow, *checkpoints(20), "f.csv"], ["csv-append", "out.csv"]]
        self.pipeline = Pipeline(f"rotation {name}", self.folder, stages, self.out)
        self.rows = self.serial = self.kills = 0
        self.file = self.begin_file()
        self.write(1)
        self.processes = self.pipeline.start()
        deadline = time.monotonic() + TIME_LIMIT
        while len(self.out()) < 2:  # a file renamed before it was seen cannot be found
            if time.monotonic() > deadline:
                raise Failure(f"rotation {name}: the first row does not come")
            time.sleep(0.01)

    def begin_file(self):
        file = open(self.path, "wb", buffering=0)
        file.write(b"n\n")
        return file

    def write(self, count):
        first = self.rows + 1
        self.rows += count
        self.file.write(b"".join(b"%d\n" % n for n in range(first, self.rows + 1)))

    def step(self, rng):
        self.write(rng.randrange(1, 40))
        if rng.random() < 0.8:
            self.rotate(rng)
        if rng.random() < 0.05:
            self.kill_one(rng)

    def kill_one(self, rng):
        kill(rng.choice(self.processes))
        self.look_at(self.pipeline.wait(self.processes))
        self.kills += 1
        self.processes = self.pipeline.start()

    def away(self, name):
        self.serial += 1
        os.rename(self.path, self.folder / name)

    def rotate(self, rng):
        """Numbers that count up."""
        self.away(f"f.csv.{self.serial + 1}")
        self.file.close()
        self.file = self.begin_file()

    def look_at(self, statuses):
        if 2 in statuses or 3 in statuses:
            raise Failure(f"rotation {self.name}: exit statuses {statuses}: " + (self.folder / "errors").read_text()[-500:])

    def ask_to_stop(self):
        for process in self.processes:
            kill(process, signal.SIGTERM)

    def finish(self):
        self.file.close()
        deadline = time.monotonic() + TIME_LIMIT + self.serial * 0.2  # a file must have been quiet for 0.1 s before the next is begun
        while len(self.out()) < self.rows + 1:
            if time.monotonic() > deadline:
                raise Failure(f"rotation {self.name}: {len(self.out()) - 1} of {self.rows} rows came through {self.serial} renames; "
                              + self.pipeline.where(self.processes))
            if any(process.poll() is not None for process in self.processes):
                self.look_at(self.pipeline.wait(self.processes))
                self.processes = self.pipeline.start()
            time.sleep(0.05)
        self.ask_to_stop()
        self.pipeline.wait(self.processes)
        found = sorted(int(line) for line in self.out()[1:])
        if found != list(range(1, self.rows + 1)):
            raise Failure(f"rotation {self.name}: rows are lost or doubled")


class Shifted(Rotation):
    """logrotate's numbers: the newest is 1, and all others move on."""

    def rotate(self, rng):
        for number in range(self.serial, 0, -1):
            os.rename(self.folder / f"f.csv.{number}", self.folder / f"f.csv.{number + 1}")
        self.away("f.csv.1")
        self.file.close()
        self.file = self.begin_file()


class Dated(Rotation):
    """A date and a time before the ending."""

    def rotate(self, rng):
        self.away(f"f-20260101-{self.serial + 1:06}.csv")
        self.file.close()
        self.file = self.begin_file()


class Late(Rotation):
    """logrotate's `create`, and a writer that notices late: its old file still grows, and the new header comes in pieces."""

    def rotate(self, rng):
        self.away(f"f.csv.{self.serial + 1}")
        new = open(self.path, "wb", buffering=0)
        time.sleep(rng.choice([0, 0.002, 0.02] + [0.15] * (rng.random() < 0.1)))
        self.write(rng.randrange(1, 10))
        self.file.close()
        self.file = new
        new.write(b"n")
        time.sleep(rng.choice([0, 0.002, 0.02]))
        new.write(b"\n")


class Absent(Rotation):
    """logrotate's `nocreate`: for a while there is nothing at the path, and stages may be killed just then."""

    def rotate(self, rng):
        self.away(f"f.csv-{self.serial + 1}")
        self.file.close()
        time.sleep(rng.choice([0, 0.002, 0.02]))
        if rng.random() < 0.05:
            self.kill_one(rng)
        self.file = self.begin_file()


class Packed(Rotation):
    """Compresses a rotated file after rows of the next file are in the output: then it has been read."""

    def __init__(self, name):
        self.waiting = []  # files, and the first row after each
        super().__init__(name)

    def rotate(self, rng):
        super().rotate(rng)
        self.waiting.append((self.folder / f"f.csv.{self.serial}", self.rows + 1))
        last = int((self.out() or [b"n"])[-1].replace(b"n", b"0"))
        done = [path for path, after in self.waiting if after <= last]
        self.waiting = [each for each in self.waiting if each[1] > last]
        if done:
            subprocess.run(["gzip", *done], check=True)


class Down(Rotation):
    """Renamed once or several times while csv-tail is down, killed or asked to stop."""

    def step(self, rng):
        by = rng.choice([signal.SIGKILL, signal.SIGTERM])
        for process in self.processes:
            kill(process, by)
        self.kills += 1
        self.look_at(self.pipeline.wait(self.processes))
        for _ in range(rng.randrange(1, 5)):
            self.write(rng.randrange(1, 40))
            self.rotate(rng)
        self.write(1)
        self.processes = self.pipeline.start()
        time.sleep(rng.choice([0, 0.01, 0.05]))


class Runs(Rotation):
    """Without -f, from run to run, with renames in between; the last row may be half written."""

    follow = []

    def step(self, rng):
        self.look_at(self.pipeline.wait(self.processes))
        for _ in range(rng.randrange(1, 5)):
            self.write(rng.randrange(1, 40))
            self.rotate(rng)
        self.rows += 1
        half = b"%d" % self.rows
        self.file.write(half[:1])
        self.processes = self.pipeline.start()
        if rng.random() < 0.5:
            self.kills += 1
            time.sleep(rng.expovariate(1 / 0.02))
            kill(rng.choice(self.processes))
        self.look_at(self.pipeline.wait(self.processes))
        self.file.write(half[1:] + b"\n")


MANNERS = {"renamed": Rotation, "shifted": Shifted, "dated": Dated, "late": Late, "absent": Absent, "packed": Packed, "down": Down,
           "runs": Runs}


def rotation(rng, options):
    """Runs all manners side by side."""
    shutil.rmtree(WORK / "rotation", ignore_errors=True)
    (WORK / "rotation").mkdir()
    each = [kind(name) for name, kind in MANNERS.items()]
    began = time.monotonic()
    while time.monotonic() - began < options.budget or any(one.serial < options.least for one in each):
        for one in each:
            if one.serial < max(options.least, 1) or time.monotonic() - began < options.budget:
                one.step(rng)
    for one in each:
        one.finish()
    return "rotation: " + ", ".join(f"{one.name} {one.serial}" for one in each) + \
        f" renames; {sum(one.kills for one in each)} kills and stops meanwhile, {sum(one.rows for one in each):,} rows each once"
