"""Filters of weir in Spark: a process for each partition, which gets its lines and gives the rows."""
import os
import shlex
import subprocess
import tempfile
import threading

from pyspark.sql import DataFrame, SparkSession, functions as F


class FilterFailed(RuntimeError):
    """The command has ended with another status than 0, or before it had read all."""


def pipe(rdd, command):
    """An RDD of the lines that the command writes for the lines of each partition.

    As rdd.pipe(command), and the task fails, with the command's last messages, when the command fails, when it has not read all of its input,
    and when the input cannot be made. Spark then tries again (spark.task.maxFailures); what a failed try has written goes nowhere. So the
    command must be a filter: one that sends or stores would do it again.
    """
    words = shlex.split(command) if isinstance(command, str) else list(command)
    return rdd.mapPartitions(lambda lines: filtered(lines, words))


def filtered(lines, words):
    """The lines that a process makes of these lines."""
    with tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(words, env=dict(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=messages)
        problems = []
        writer = threading.Thread(target=write, args=(lines, process, problems), daemon=True)
        writer.start()
        try:
            for row in process.stdout:
                yield row.rstrip(b"\n").decode()
            status = process.wait()
        finally:
            process.kill()  # where the task is given up, or the input is
            process.wait()
            process.stdout.close()
        writer.join()
        messages.seek(max(0, messages.seek(0, os.SEEK_END) - 2000))
        said = messages.read().decode(errors="replace").strip()
        if problems and not isinstance(problems[0], BrokenPipeError):
            raise problems[0]
        if status != 0:
            raise FilterFailed(f"{shlex.join(words)} ended with {status}: {said}")
        if problems:
            raise FilterFailed(f"{shlex.join(words)} has not read all of its input: {said}")


def write(lines, process, problems):
    """Writes the lines to the process. Without all of them it must not come to its end as if there were no more: it is killed."""
    try:
        for line in lines:
            process.stdin.write(line.encode() + b"\n")
        process.stdin.close()
    except BrokenPipeError as problem:
        problems.append(problem)
    except BaseException as problem:
        problems.append(problem)
        process.kill()


def lines_of(spark: SparkSession, lake: str, form: str) -> DataFrame:
    """The records of a lake of lake-load, each as its line of JSON in the column `value`; those of ndjson are as they came."""
    if form == "ndjson":
        return spark.read.option("lineSep", "\n").option("recursiveFileLookup", "true").text(lake)
    table = spark.read.option("mergeSchema", "true").parquet(lake)
    return table.select(F.to_json(F.struct(*table.columns), {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}).alias("value"))


def together(lines: DataFrame, key: str, time: str, partitions: int):
    """The lines as an RDD with all lines of a key in one partition, in the order of their times."""
    field = lambda name: F.get_json_object("value", f"$.{name}")
    # A line with the last one's time follows it by its text, so that each run has one order.
    placed = lines.repartition(partitions, field(key)).sortWithinPartitions(field(time).cast("timestamp"), "value")
    return placed.rdd.map(lambda row: row.value)
