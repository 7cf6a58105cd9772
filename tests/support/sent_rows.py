"""The rows of a CSV file for programs that send them to a tool."""
import csv
import random
import sys


def rows_to_send():
    """Reads the arguments PORT FILE [SEED]; returns the port, the rows of the file, and random numbers."""
    with open(sys.argv[2], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        text = row.get("temperature_c")
        if text:
            row["temperature_c"] = float(text)
    return int(sys.argv[1]), rows, random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
