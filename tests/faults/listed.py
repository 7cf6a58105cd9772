"""A pipeline for each stateful tool of the list: its KIND in CMakeLists.txt and its file in tests/contract/tools give the stages.

    source, spooled              TOOL | csv-append
    filter, async                csv-tail | TOOL | csv-append
    transaction, outbox          csv-tail | TOOL
    plumbing                     the stages that the contract file names

The contract file may define functions, which run in the pipeline's folder: `prepare` before a fresh run, `output`, which prints what
the tool has written, and `records`, which prints how many records that is, where it is not the number of lines. With ids=yes a line of
output is ID TAB TEXT, and a line may come twice with the same id. faults=no leaves the tool out of scripts/faults."""
import os
import random
import shlex
import subprocess
import time
from pathlib import Path

from pipeline import WORK, Failure, Pipeline, tools_environment

ROOT = Path(os.environ.get("WEIR_SOURCE") or Path(__file__).resolve().parents[2])
STATEFUL = ("filter", "async", "source", "spooled", "transaction", "outbox")
CITIES = ["Athens", "Berlin", "Lagos", "Mumbai", "São Paulo", "London, Ontario"]
READ_ENTRY = r"""
source "$1"
source "$2"
for name in servers args state_args other may_change stages strange; do declare -n array=$name; printf '%s\0' "$name" "${#array[@]}" "${array[@]}"; done
for name in ids unordered passes faults strange_as; do printf '%s\0' "$name" 1 "${!name:-}"; done
"""


def listed():
    """{tool: kind}, in the list's order, and a tool for the tests alone that tests/contract/state is run for."""
    done = subprocess.run([ROOT / "scripts/tools"], stdout=subprocess.PIPE, text=True, check=True)
    return dict(line.split() for line in [*done.stdout.splitlines(), *filter(None, [os.environ.get("WEIR_TEST_TOOL")])])


def entry_file(tool):
    listed_one = ROOT / f"tests/contract/tools/{tool}.sh"
    return listed_one if listed_one.exists() else ROOT / f"tests/contract/{tool}/contract.sh"


def entry_of(tool):
    """The arrays and flags of a tool's contract file."""
    done = subprocess.run(["bash", "-c", READ_ENTRY, "-", ROOT / "scripts/parts.sh", entry_file(tool)], stdout=subprocess.PIPE, text=True,
                          check=True)
    items = iter(done.stdout.split("\0"))
    return {name: [next(items) for _ in range(int(next(items)))] for name in items if name}


def takes_late(tool):
    help_text = subprocess.run([tool, "--help"], stdout=subprocess.PIPE, text=True, env=tools_environment(), check=True).stdout
    return "--late " in help_text


def make_weather(path, count, seed):
    """Readings of six cities, one a minute; some are late, some fields are empty, some text is difficult."""
    rng = random.Random(seed)
    with open(path, "w", encoding="utf-8") as out:
        out.write("timestamp,city,temperature_c,humidity,pressure,wind_speed,weather,mark\n")
        for number in range(count):
            late = rng.randrange(1, 40) if rng.random() < 0.15 else 0
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_767_225_600 + 60 * max(number - late, 0)))
            city = rng.choice(CITIES)
            quoted = f'"{city}"' if "," in city else city
            warm = "" if rng.random() < 0.02 else f"{rng.uniform(-20, 45):.2f}"
            sky = rng.choice(["clear sky", "light rain", '"a ""quote"", a comma"'])
            out.write(f"{stamp},{quoted},{warm},{rng.randrange(101)},{rng.randrange(980, 1040)},{rng.uniform(0, 20):.1f},{sky},"
                      f"m{rng.getrandbits(64):016x}\n")


class Listed(Pipeline):
    """The pipeline of a tool in a folder; `stage` is the tool's place in it."""

    def __init__(self, tool, folder, records=25, rows=3000, seed=1):
        kind, entry = listed()[tool], entry_of(tool)
        args = entry["state_args"] or entry["args"]
        # The input has late records, which are no failure here.
        own = [tool, *(["--late", "drop"] if takes_late(tool) else []), *args]
        barriers = ["--checkpoint-every", "1h", "--checkpoint-records", str(records)]
        source, sink = ["csv-tail", *barriers, "in.csv"], ["csv-append", "out.csv"]
        if entry["stages"]:
            stages = [shlex.split(each) for each in entry["stages"]]
            stages[0] += barriers
            self.stage = next(number for number, command in enumerate(stages) if command[0] == tool)
        elif kind in ("source", "spooled"):
            stages, self.stage = [[*own, *barriers], sink], 0
        elif kind in ("filter", "async"):
            stages, self.stage = [source, own, sink], 1
        elif kind in ("transaction", "outbox"):
            stages, self.stage = [source, own], 1
        else:
            raise Failure(f"{tool}: KIND {kind} has no state")
        self.tool, self.kind, self.entry = tool, kind, entry
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        make_weather(folder / "in.csv", rows, seed)
        super().__init__(tool, folder, stages, self.written, self.forget, ordered=False)

    def own(self, function):
        """The output of a function of the contract file; without such a function, out.csv."""
        script = ('source "$1/scripts/parts.sh"; output() { cat out.csv; }; prepare() { :; }; source "$2"; '
                  f"set -e -o pipefail; {function}")
        done = subprocess.run(["bash", "-c", script, "-", ROOT, entry_file(self.tool)], cwd=self.folder, env=tools_environment(), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=900)
        if done.returncode != 0:
            raise Failure(f"{self.tool}: {function} of its contract file fails: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def forget(self):
        """Removes all but the input, and prepares the tool's surroundings again."""
        for each in self.folder.iterdir():
            if each.is_file() and each.name != "in.csv":
                each.unlink()
        self.own("prepare")

    def written(self):
        """The lines that the tool has written; lines with ids once for each id, without the id."""
        lines = self.own("output").splitlines()
        if self.entry["ids"] == ["yes"]:
            by_id = {}
            for line in lines:
                name, _, text = line.partition(b"\t")
                if not name or by_id.setdefault(name, text) != text:
                    raise Failure(f"{self.tool}: two messages with one id, or one without: {line!r}")
            return sorted(by_id.values())
        return sorted(lines) if self.entry["unordered"] == ["yes"] else lines

    def committed(self):
        try:
            return int((self.folder / "state" / "commit").read_text() or 0)
        except (FileNotFoundError, ValueError):
            return 0

    def check_never_started_again(self):
        """Accepts any output: half a line or an early window cannot be recognized here, only at the end of the run."""


def listed_kinds():
    """For scripts/faults: {tool: function that makes its pipeline}."""
    def maker(tool):
        return lambda every, seed, rows=6000: Listed(tool, WORK / f"listed-{tool}", records=max(5, 5 * every), rows=min(rows, 6000), seed=seed)
    kinds = {}
    for tool, kind in listed().items():
        entry = entry_of(tool)
        if entry["faults"] != ["no"] and (kind in STATEFUL or entry["stages"]):
            kinds[tool] = maker(tool)
    return kinds
