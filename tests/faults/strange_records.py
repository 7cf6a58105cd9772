"""Records that are stranger still than those of tests/contract/strange.py, through the stages."""
import sys
import time
from pathlib import Path

from listed import entry_of, listed
from pipeline import Failure

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract"))
from strange import READERS, cases_of  # noqa: E402


def strange(rng, options):
    entries = {tool: entry_of(tool) for tool in listed()}
    tools = [tool for tool, kind in listed().items() if entries[tool]["faults"] != ["no"] and (kind in READERS or entries[tool]["strange"])]
    end, runs = time.monotonic() + options.budget, 0
    while time.monotonic() < end:
        for case in cases_of(rng.choice(tools), rng):
            problems = case.failures()
            runs += 1
            if problems:
                raise Failure(f"strange records: {case.command}: {'; '.join(problems)}; the input is {case.folder}/strange.ndjson")
    return f"strange records: {runs} pipelines reached their end, in = out + rejected, no good record among the rejects"
