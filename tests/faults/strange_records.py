"""Records that are stranger still than those of tests/contract/strange.py, through the stages."""
import sys
import time
from pathlib import Path

from listed import entry_of, listed
from pipeline import Failure

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract"))
from strange import cases_of  # noqa: E402


def strange(rng, options):
    # Without Kafka, as in listed_kinds().
    tools = [tool for tool, kind in listed().items() if "kafka" not in entry_of(tool)["servers"] and (kind in ("filter", "async", "transaction", "outbox") or entry_of(tool)["strange"])]
    end, runs = time.monotonic() + options.budget, 0
    while time.monotonic() < end:
        for case in cases_of(rng.choice(tools), rng):
            problems = case.failures()
            runs += 1
            if problems:
                raise Failure(f"strange records: {case.command}: {'; '.join(problems)}; the input is {case.folder}/strange.ndjson")
    return f"strange records: {runs} pipelines reached their end, in = out + rejected, no good record among the rejects"
