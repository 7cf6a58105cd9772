"""The program of scripts/faults: pipelines under faults, each compared with an undisturbed run."""
import argparse
import os
import random
import shutil
import signal
import sys
from pathlib import Path

from every_call import CASES, every_call
from frozen import slow_sink
from influx_case import influx
from kafka_case import kafka, kafka_brokers
from kills import kills
from kinds import KINDS
from lake_case import lake
from malformed import bad_lines
from notify_case import notify
from pipeline import WORK, Failure, kill_all, report
from redis_case import redis
from rotation import rotation
from servers import broker, postgres
from shards_case import shards
from sources import sources
from storage import flips, full_disk
from strange_records import strange
from syscalls import syscalls

PARTS = {"kills": kills, "syscalls": syscalls, "every-call": every_call, "flips": flips, "full-disk": full_disk, "slow-sink": slow_sink,
         "rotation": rotation, "lines": bad_lines, "postgres": postgres, "broker": broker, "kafka": kafka, "kafka-brokers": kafka_brokers, "redis": redis,
         "influx": influx, "lake": lake, "notify": notify, "shards": shards, "sources": sources, "strange": strange}


def main():
    parser = argparse.ArgumentParser(prog="scripts/faults", description="pipelines under faults against undisturbed runs")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--part", action="append", choices=sorted(PARTS), help="only this; may be given again")
    parser.add_argument("--without", action="append", choices=sorted(PARTS), default=[], help="not this; may be given again")
    parser.add_argument("--pipeline", action="append", choices=sorted(KINDS), help="only over this; may be given again")
    parser.add_argument("--budget", type=float, default=30, help="seconds for each part")
    parser.add_argument("--least", type=int, default=0, help="faults that must have hit in each part, whatever the budget")
    parser.add_argument("--whole", action="store_true", help="every-call: all points; kafka: a million records under 300 kills, "
                        "kafka-brokers: 20 brokers killed; redis, influx, lake, notify: 300 stages and 30 servers; shards: two million records and "
                        "up to 32 shards; whatever the budget")
    parser.add_argument("--records", type=int, default=1_000_000, help="kafka with --whole: so many; shards: twice as many")
    every = parser.add_argument_group("every-call")
    every.add_argument("--case", action="append", choices=CASES, help="only this pipeline; may be given again")
    every.add_argument("--stage", type=int, help="only the stage of this number, from 0")
    every.add_argument("--call", action="append", help="only this system call; may be given again")
    every.add_argument("--from", dest="come_from", metavar="CASE/STAGE/PHASE/CALL", help="pass over what comes before (as its progress says)")
    every.add_argument("--dense", type=int, default=40, help="so many calls of a kind one by one, and then")
    every.add_argument("--then", type=int, default=10, help="each so-manyth")
    every.add_argument("--most-wrong", type=int, default=20, help="go on until so many points were wrong")
    options = parser.parse_args()
    options.kinds = options.pipeline or sorted(KINDS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # children end with this process
    report(f"seed {options.seed}")
    for name in options.part or [each for each in PARTS if each not in options.without]:
        try:
            report(PARTS[name](random.Random(f"{options.seed} {name}"), options))
        except Failure as failure:
            evidence = Path(f"faults-{options.seed}").absolute()
            shutil.copytree(WORK, evidence, dirs_exist_ok=True, ignore=shutil.ignore_patterns("postgres", "redis-server", "influx-server"))
            report(f"FAILED: {name}: {failure}")
            report(f"evidence in {evidence}; again with --seed {options.seed} --part {name}")
            return 1
        finally:
            kill_all()
    report("verdict: every output equals the undisturbed run's")
    return 0


sys.exit(main())
