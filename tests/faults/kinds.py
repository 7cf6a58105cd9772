"""The pipelines that read a file, and their input."""
import random
import time
from pathlib import Path

from listed import listed_kinds
from pipeline import WORK, Pipeline, lines_of
from services import forget_table, of_parts, rows_of


def make_rows(path, count, seed, width=0, pace=4):
    """Rows of eight sensors, `pace` a second; some are late, some unusable. `extra` is difficult text. `mark` is random and unique, and
    longer by `width`: it passes all stages into the output, so that repeated or mixed rows show."""
    rng = random.Random(seed)
    with open(path, "w", encoding="utf-8") as out:
        out.write("timestamp,sensor,value,extra,mark\n")
        for number in range(count):
            at = number // pace - (rng.randrange(120) if rng.random() < 0.05 else 0)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_767_225_600 + max(at, 0)))
            value = "" if rng.random() < 0.01 else f"{rng.uniform(-20, 45):.2f}"
            if rng.random() < 0.002:
                value = "unreadable"
            extra = rng.choice(["plain", "with, comma", 'a "quote"', str(rng.randrange(10**12))])
            quoted = '"' + extra.replace('"', '""') + '"' if set(extra) & set(',"') else extra
            out.write(f"{stamp},s{rng.randrange(8)},{value},{quoted},m{rng.getrandbits(64):016x}{'x' * width}\n")


def take_readings(path, count, seed):
    """Consecutive hourly readings of the year of real ones, or simulated ones where those are missing."""
    kept = WORK / "readings.csv"
    if not kept.exists():
        of_parts("readings_csv")
    with open(kept, "rb") as rows:
        header = rows.readline()
        lines = rows.readlines()
    first = random.Random(seed).randrange(max(1, len(lines) - count))
    Path(path).write_bytes(header + b"".join(lines[first:first + count]))


def checkpoints(every):
    return ["--checkpoint-every", f"{every}ms"]


WINDOWS = ["win-agg", "--every", "1m", "--lateness", "30s", "--late", "drop", "--by", "sensor", "--agg",
           "count() as n, sum(value) as total, last(extra) as newest, distinct(extra) as kinds, p90(value) as high, first(mark) as mark"]
ALERTS = ["thresh-alert", "--late", "drop", "--by", "sensor", "--rule", "hot: value > 30 clear < 20"]
DAYS = ["win-agg", "--every", "1d", "--lateness", "3h", "--late", "drop", "--by", "city", "--agg",
        "count() as n, avg(temperature_c) as mean, min(temperature_c) as low, max(temperature_c) as high, last(weather) as sky"]
HEAT = ["thresh-alert", "--late", "drop", "--by", "city", "--annotate", "--rule", "hot: temperature_c > 25 clear < 20", "--rule", "damp: humidity > 90"]


def into_file(name, middle, make):
    """csv-tail | … | csv-append."""
    def build(every, seed, rows=40000):
        folder = WORK / name
        folder.mkdir(exist_ok=True)
        make(folder / "in.csv", rows, seed)
        stages = [["csv-tail", *checkpoints(every), "--checkpoint-records", "300", "in.csv"], middle, ["csv-append", "out.csv"]]
        return Pipeline(name, folder, stages, lines_of(folder / "out.csv"),
                        lambda: (folder / "out.csv").unlink(missing_ok=True))
    return build


def into_postgres(name, middle, make):
    """csv-tail | … | pg-load into a table of the pipeline's name."""
    table = name.replace("-", "_")

    def build(every, seed, rows=40000):
        folder = WORK / name
        folder.mkdir(exist_ok=True)
        make(folder / "in.csv", rows, seed)
        stages = [["csv-tail", *checkpoints(every), "--checkpoint-records", "300", "in.csv"], middle,
                  ["pg-load", "--table", table, "--create", "--ignore-extra"]]
        return Pipeline(name, folder, stages, rows_of(table), forget_table(table), ordered=False)
    return build


# A pipeline for each stateful tool of the list, by the tool's name, and some chains of tools.
KINDS = {
    **listed_kinds(),
    "windows-csv": into_file("windows-csv", WINDOWS, make_rows),
    "alerts-csv": into_file("alerts-csv", [*ALERTS, "--annotate"], make_rows),
    "windows-pg": into_postgres("windows-pg", WINDOWS, make_rows),
    "days-csv": into_file("days-csv", DAYS, take_readings),
    "heat-pg": into_postgres("heat-pg", HEAT, take_readings),
}
