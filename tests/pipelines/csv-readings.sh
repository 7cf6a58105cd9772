#!/usr/bin/env bash
# labels: csv
# tools: csv-tail csv-append
# timeout: 300
# A year of readings through csv-tail: each is there, in order, and every value is the digits of its cell, compared with Python's csv
# module; and back through csv-append: the same file.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
file=$(readings_csv)

rate() { # rate NAME RECORDS COMMAND…: runs it and prints records/s
  local name=$1 records=$2 start end
  shift 2
  start=$(date +%s%N)
  "$@"
  end=$(date +%s%N)
  echo "$name: $records records in $(((end - start) / 1000000)) ms, $((records * 1000000000 / (end - start))) records/s"
}
to_records() { "$WEIR_BIN/csv-tail" "$file" >records.ndjson; }
to_rows() { "$WEIR_BIN/csv-append" again.csv <records.ndjson; }

rows=$(($(wc -l <"$file") - 1))
rate csv-tail "$rows" to_records
rate csv-append "$rows" to_rows

/usr/bin/python3 - "$file" records.ndjson again.csv <<'PYTHON'
import csv, itertools, json, re, sys

source, records, again = sys.argv[1:]
number = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
class Digits(str): pass

def value(cell):
    if cell == "": return None
    return Digits(cell) if number.fullmatch(cell) else cell

def same(expected, got):
    return type(expected) is type(got) and expected == got

rows = nulls = numbers = 0
with open(source, newline="") as csv_file, open(records) as lines:
    reader = csv.reader(csv_file)
    header = next(reader)
    for row, line in itertools.zip_longest(reader, lines):
        record = json.loads(line, parse_float=Digits, parse_int=Digits, object_pairs_hook=list)
        expected = [(name, value(cell)) for name, cell in zip(header, row)]
        if len(row) != len(header) or [name for name, _ in record] != header or not all(
                same(e, g) for (_, e), (_, g) in zip(expected, record)):
            sys.exit(f"row {rows + 1}: expected {expected}, got {line}")
        rows += 1
        nulls += sum(v is None for _, v in expected)
        numbers += sum(isinstance(v, Digits) for _, v in expected)
with open(source, newline="") as a, open(again, newline="") as b:
    for n, (first, second) in enumerate(itertools.zip_longest(csv.reader(a), csv.reader(b))):
        if first != second: sys.exit(f"row {n} became {second}, was {first}")
print(f"{rows} rows are {rows} records: {numbers} numbers digit for digit, {nulls} empty cells null; and the same rows again")
PYTHON
[ "$(wc -l <records.ndjson)" -eq "$rows" ]

# Bytes that are hard on any reader, written by Python, back as rows.
/usr/bin/python3 - >hard.csv <<'PYTHON'
import csv, random, sys
random.seed(7)
out = csv.writer(sys.stdout, lineterminator="\r\n")
out.writerow(["id", "text", "more"])
alphabet = ['"', ",", "\n", "\r\n", " ", "a", "1", ".", "é", "\t", "\\", "{", "'", ";", "e", "-"]
for i in range(20000):
    out.writerow([i] + ["".join(random.choices(alphabet, k=random.randrange(8))) for _ in range(2)])
PYTHON
"$WEIR_BIN/csv-tail" hard.csv >hard.ndjson
"$WEIR_BIN/csv-append" hard-again.csv <hard.ndjson
"$WEIR_BIN/csv-tail" hard-again.csv | cmp - hard.ndjson
/usr/bin/python3 - hard.csv hard.ndjson hard-again.csv <<'PYTHON'
import csv, json, re, sys

def plain(cell):
    """A number that JSON writes in another way: `.5` and `5.`."""
    found = re.fullmatch(r"(-?)(0|[1-9][0-9]*)?(\.[0-9]*)?([eE]-?[0-9]+)?", cell, re.ASCII)
    if not found or cell.endswith("-"): return cell
    sign, whole, fraction, exponent = (part or "" for part in found.groups())
    if fraction == "." and (exponent or not whole) or not whole and not fraction: return cell
    return sign + (whole or "0") + ("" if fraction == "." else fraction) + exponent

rows = [[plain(cell) for cell in row] for row in csv.reader(open(sys.argv[1], newline=""))][1:]
again = list(csv.reader(open(sys.argv[3], newline="")))[1:]
for row, line in zip(rows, open(sys.argv[2]), strict=True):
    got = ["" if v is None else v for v in json.loads(line, parse_float=str, parse_int=str).values()]
    if got != row: sys.exit(f"expected {row}, got {line}")
if rows != again: sys.exit("the rows written again differ")
print(f"{len(rows)} rows of quotes, line breaks and delimiters: read as Python's csv reads them, and written so that it does")
PYTHON
