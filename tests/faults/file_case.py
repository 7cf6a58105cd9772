"""A pipeline over a small file; one run meets a fault at one system call."""
import os
import shutil

import services
from calls import KILL, calls_in, has_hit, strace, trace_all
from kinds import ALERTS, WINDOWS, make_rows
from pipeline import WORK, Failure, Pipeline, lines_of

ROWS, WIDTH = 420, 1500  # some five epochs: an epoch has at least one block of input, 128 KiB


class FileCase:
    """In phase `fresh` the first run meets the fault. In phase `again` an earlier run was killed within an epoch."""

    services = ()

    def __init__(self, name, seed):
        self.name = name
        self.folder = WORK / f"call-{name}"
        self.folder.mkdir()
        make_rows(self.folder / "in.csv", ROWS, seed, WIDTH, pace=1)
        source = ["csv-tail", "--checkpoint-every", "1h", "--checkpoint-records", "60", "in.csv"]
        if name == "windows-pg":
            self.table = "call_windows"
            self.pipeline = Pipeline(name, self.folder, [source, WINDOWS, ["pg-load", "--table", self.table, "--create"]],
                                     services.rows_of(self.table), services.forget_table(self.table), ordered=False)
        else:
            self.table = None
            out = self.folder / "out.csv"
            self.pipeline = Pipeline(name, self.folder, [source, [*ALERTS, "--annotate"], ["csv-append", "out.csv"]],
                                     lines_of(out), lambda: out.unlink(missing_ok=True))
        self.half = b""
        self.log = self.folder / "calls"
        self.pipeline.learn()
        self.keep_half_done()

    def stages(self):
        return self.pipeline.stages

    def tool(self, stage):
        return self.pipeline.stages[stage][0]

    def errors(self):
        return (self.folder / "errors").read_text(errors="replace").splitlines()

    def keep_evidence(self):
        """Keeps nothing: a point can be run again."""

    def keep_half_done(self):
        """A run whose sink was killed just before it reported the commit of its third epoch, or of a later one with the first rows."""
        for renames in range(8, 60, 3):  # three an epoch
            self.pipeline.reset()
            processes = self.pipeline.start({2: strace(self.log, "rename", KILL, renames)})
            self.pipeline.wait(processes)
            if not has_hit(self.log):
                raise Failure(f"{self.name}: the sink makes too few snapshots")
            if not self.table or services.rows_of(self.table)():
                break
        else:
            raise Failure(f"{self.name}: no kill comes after the first rows")
        shutil.rmtree(self.folder / "state.half", ignore_errors=True)
        shutil.copytree(self.folder / "state", self.folder / "state.half")
        if self.table:
            services.DATABASE.run("SET client_min_messages = error", "DROP TABLE IF EXISTS half_rows, half_epoch",
                                  f"CREATE TABLE half_rows (LIKE {self.table} INCLUDING ALL)", f"INSERT INTO half_rows TABLE {self.table}",
                                  "CREATE TABLE half_epoch (LIKE weir_epoch INCLUDING ALL)", "INSERT INTO half_epoch TABLE weir_epoch")
        else:
            self.half = (self.folder / "out.csv").read_bytes()
            (self.folder / "half.csv").unlink(missing_ok=True)
            os.link(self.folder / "out.csv", self.folder / "half.csv")

    def lay_out(self, phase):
        self.pipeline.reset()
        if phase == "fresh":
            return
        shutil.copytree(self.folder / "state.half", self.folder / "state")
        if self.table:
            services.DATABASE.run(f"CREATE TABLE {self.table} (LIKE half_rows INCLUDING ALL)", f"INSERT INTO {self.table} TABLE half_rows",
                                  "CREATE TABLE weir_epoch (LIKE half_epoch INCLUDING ALL)", "INSERT INTO weir_epoch TABLE half_epoch")
        else:
            # csv-append identifies its file by more than the name, so it stays the same file, under a name that lasts.
            os.link(self.folder / "half.csv", self.folder / "out.csv")
            with open(self.folder / "out.csv", "r+b") as out:
                out.write(self.half)
                out.truncate()

    def calls(self, stage, phase):
        self.lay_out(phase)
        self.pipeline.wait(self.pipeline.start({stage: trace_all(self.log)}))
        return calls_in(self.log)

    def point(self, stage, phase, call, fault, when):
        self.lay_out(phase)
        self.log.unlink(missing_ok=True)
        pipeline = self.pipeline
        statuses = pipeline.wait(pipeline.start({stage: strace(self.log, call, fault, when)}))
        if 2 in statuses or 3 in statuses:
            raise Failure(f"exit statuses {statuses}: pipe-run would not start it again")
        pipeline.check_never_started_again()
        pipeline.run_through()
        pipeline.check("started again")
        return has_hit(self.log)

    def end(self):
        """Has nothing to do: no process is left."""
