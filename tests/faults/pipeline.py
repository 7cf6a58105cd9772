"""A pipeline of weir's tools whose stages can be killed, frozen and traced, and its output."""
import os
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

BIN = Path(os.environ["WEIR_BIN"])
WORK = Path(os.environ["PARTS"])
STARTED = []  # every process, so that none outlives a failed run
TIME_LIMIT = 300  # seconds after which a pipeline that should end counts as hanging


def report(message):
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


class Failure(Exception):
    """The output differs from the oracle's, or a pipeline hangs."""


def kill(process, by=signal.SIGKILL):
    """A stage, perhaps under strace. Signals go to the stage itself: if strace alone is killed, the stage continues or never begins,
    and strace does not pass other signals on."""
    if process.returncode is None:
        os.killpg(process.pid, by)


def standing(process):
    """The state of this stage's processes, from /proc: command, state and system call."""
    states = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) != process.pid:
                continue
            state = re.search(r"State:\t(.*)", (folder / "status").read_text())[1]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            open_files = " ".join(f"{each.name}={os.readlink(each)}" for each in sorted((folder / "fd").iterdir()))
            states.append(f"{folder.name} {command}: {state}, in {(folder / 'wchan').read_text()}, "
                         f"call {(folder / 'syscall').read_text().strip()}, open: {open_files}")
        except (OSError, ValueError):
            continue
    return "\n  ".join(states) or f"{process.pid} is gone"


def kill_all(but=()):
    for process in STARTED:
        if process not in but and process.poll() is None:
            kill(process)
            process.wait()
    STARTED[:] = list(but)


def ended_by(process, deadline):
    """Waits until a process has ended, without polling. Returns False at the deadline."""
    if process.poll() is not None:
        return True
    handle = os.pidfd_open(process.pid)
    try:
        if not select.select([handle], [], [], max(0.1, deadline - time.monotonic()))[0]:
            return False
    finally:
        os.close(handle)
    process.wait()
    return True


def tools_environment(extra=None):
    """The environment of tools without state."""
    variables = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **(extra or {})}
    variables.pop("WEIR_STATE", None)
    return variables


def spawn(command, **how):
    """Starts a process that leads a group of its own, so that all of it can be killed at once."""
    process = subprocess.Popen(command, start_new_session=True, **how)
    if len(STARTED) > 200:
        STARTED[:] = [each for each in STARTED if each.returncode is None]
    STARTED.append(process)
    return process


class Pipeline:
    """A pipeline in its own folder: `stages` are command lines, `output` reads the result."""

    def __init__(self, name, folder, stages, output, clean=lambda: None, ordered=True):
        self.name = name
        self.folder = Path(folder)
        self.stages = stages
        self.output = output
        self.clean_output = clean
        self.ordered = ordered  # the output is a file that grows at its end
        self.expected = None

    def environment(self, extra=None):
        return {**tools_environment(extra), "WEIR_STATE": str(self.folder / "state")}

    def start(self, wrap=None, extra=None, state="state"):
        """Starts all stages; `wrap` maps a stage's number to a prefix of its command, `state` is the state folder."""
        processes, reader = [], subprocess.DEVNULL
        errors = open(self.folder / "errors", "ab")
        environment = {**self.environment(extra), "WEIR_STATE": str(self.folder / state)}
        for number, arguments in enumerate(self.stages):
            last = number + 1 == len(self.stages)
            command = [*(wrap or {}).get(number, []), *arguments]
            process = spawn(command, cwd=self.folder, stdin=reader, stderr=errors, env=environment,
                            stdout=subprocess.DEVNULL if last else subprocess.PIPE)
            if reader is not subprocess.DEVNULL:
                reader.close()
            reader = process.stdout
            processes.append(process)
        errors.close()
        return processes

    @staticmethod
    def where(processes):
        """The stages that still run, for a message."""
        ended = [each.returncode for each in processes]
        return "\n  ".join([f"exit statuses {ended}; what stands:", *(standing(each) for each in processes if each.poll() is None)])

    @staticmethod
    def wait(processes, time_limit=TIME_LIMIT):
        """Returns the exit statuses. A pipeline that does not end is killed and counts as a failure."""
        deadline = time.monotonic() + time_limit
        for process in processes:
            if not ended_by(process, deadline):
                where = Pipeline.where(processes)
                for each in processes:
                    kill(each)
                raise Failure(f"hangs: {' '.join(map(str, process.args))}; {where}")
        return [process.returncode for process in processes]

    def run_through(self):
        """Runs it undisturbed to its end. A start that fails because of the run before is repeated, as pipe-run does."""
        for _ in range(20):
            statuses = self.wait(self.start())
            if all(status == 0 for status in statuses):
                return
            if 2 in statuses or 3 in statuses:
                raise Failure(f"exit statuses {statuses}")
        raise Failure("does not come to its end in 20 starts")

    def come_through(self, disturb, starts, what):
        """Starts it so many times, each time disturbed by disturb(processes), and then runs it to its end: the output is the oracle's."""
        self.reset()
        for _ in range(starts):
            processes = self.start()
            disturb(processes)
            statuses = self.wait(processes)
            if 2 in statuses or 3 in statuses:
                raise Failure(f"{self.name}: exit statuses {statuses}")
        self.run_through()
        self.check(what())

    def reset(self):
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        (self.folder / "errors").unlink(missing_ok=True)
        self.clean_output()

    def learn(self):
        """The oracle: what an undisturbed run writes."""
        self.reset()
        self.run_through()
        self.expected = self.output()
        if not self.expected:
            raise Failure(f"{self.name}: the undisturbed run wrote nothing")

    def check(self, what):
        found = self.output()
        if found != self.expected:
            raise Failure(f"{self.name}: {what}: {difference(found, self.expected)}")

    def check_prefix(self, what):
        """Checks the output if it were never started again: a beginning of the whole, whose last row may be cut (by a full disk)."""
        found, whole = self.output(), self.expected
        if not found or found[:-1] == whole[:len(found) - 1] and whole[len(found) - 1:] and whole[len(found) - 1].startswith(found[-1]):
            return
        raise Failure(f"{self.name}: {what}: not a prefix: {difference(found, whole)}")

    def check_never_started_again(self):
        """Checks that the output is usable now: a file is a beginning of the whole, a table has some of its rows, each once."""
        if self.ordered:
            self.check_prefix("after a kill, if it were never started again")
            return
        found = self.output()
        if len(set(found)) != len(found) or not set(found) <= set(self.expected):
            raise Failure(f"{self.name}: after a kill, if it were never started again: rows that are not the whole's, or twice")


def difference(found, expected):
    for number, (mine, theirs) in enumerate(zip(found, expected)):
        if mine != theirs:
            return f"line {number + 1} is {mine!r}, expected {theirs!r}"
    return f"{len(found)} lines, expected {len(expected)}"


def lines_of(path):
    """Reads a file's lines; [] when there is none."""
    def read():
        try:
            return Path(path).read_bytes().splitlines()
        except FileNotFoundError:
            return []
    return read
