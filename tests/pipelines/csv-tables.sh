#!/usr/bin/env bash
# labels: csv
# tools: csv-tail
# timeout: 300
# Tables as other programs write them, random ones too: csv-tail's records are the rows that pandas reads with the same options.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
/usr/bin/python3 - <<'PYTHON'
import io, json, math, random, subprocess, pandas

random.seed(5)

def same(ours, theirs):
    if ours is None or theirs is None or theirs != theirs: return ours is None and (theirs is None or theirs != theirs)
    if isinstance(ours, (int, float)) and not isinstance(theirs, str): return math.isclose(ours, theirs, rel_tol=1e-12)
    return str(ours) == str(theirs)

def compare(what, text, args, **kwargs):
    data = text if isinstance(text, bytes) else text.encode()
    run = subprocess.run(["csv-tail", *args], input=data, capture_output=True)
    assert run.returncode == 0, (what, run.stderr)
    ours = [json.loads(line) for line in run.stdout.splitlines()]
    table = pandas.read_csv(io.BytesIO(data), keep_default_na=False, **{"na_values": [""], "float_precision": "round_trip", **kwargs})
    theirs = table.astype(object).to_dict("records")
    assert len(ours) == len(theirs) > 0, (what, len(ours), len(theirs))
    for a, b in zip(ours, theirs):
        assert list(a) == list(b) and all(same(a[k], b[k]) for k in a), (what, a, b)
    print(f"{what}: {len(ours)} rows")

compare("comments, a text for nothing", "# months\n# ppm\nyear,mean,unc\n2001,370.12,0.10\n# gap\n2002,-99.99,0.1\n",
        ["--comment", "#", "--null", "-99.99"], comment="#", na_values=["-99.99"])
compare("lines before the header", ";Instrument\n;Site\ntime,t\n1530000000,23.3\n1530000060,24.0\n", ["--skip-lines", "2"], skiprows=2)
compare("CR alone", "time,t\r10:00,5.5\r10:01,5.6\r", [])
compare("blanks after delimiters", 'time, temp, hum\n10:00, 5.5, 60\n10:01, "5.6", 61\n', ["--trim"], skipinitialspace=True)
compare("thousands", 'time,"energy, Wh"\n10:00,999.50\n11:00,"1,000.25"\n', ["--thousands", ","], thousands=",")
compare("names of nothing", "a,b\nnan,1\nN/A,2\n-,3\n4.5,4\n", ["--null", "nan,N/A,-"], na_values=["nan", "N/A", "-"])
compare("UTF-16", "a,b\nZürich,1\n😀,2\n".encode("utf-16"), [], encoding="utf-16")
compare("a byte order mark", "\ufeffa,b\nü,1\n", [], encoding="utf-8-sig")

# Random tables: German numbers, quotes, line breaks, blank lines, in several encodings.
def number():
    value = random.choice([random.randrange(-10**9, 10**9), round(random.uniform(-1e7, 1e7), random.randrange(1, 6))])
    text = f"{value:,}" if random.random() < 0.5 else str(value)
    return text.replace(",", "x").replace(".", ",").replace("x", ".")
def words():
    return "w" + "".join(random.choices(['ä', 'ß', ' ', 'b', '"', ';', '\n', "'", '.', '/'], k=random.randrange(6))) + "."
def cell(text):
    return '"' + text.replace('"', '""') + '"' if random.random() < 0.3 or any(c in text for c in ';"\n\r') else text
for encoding in ["utf-8", "latin1", "cp1252", "iso-8859-15", "utf-16"]:
    for end in ["\n", "\r\n"]:
        rows = [[cell(number()), cell(words()), cell(random.choice(["", "k.A.", number()]))] for _ in range(2000)]
        text = end.join(["Zähler;Wort;Wert", *(";".join(row) + (end if random.random() < 0.02 else "") for row in rows)]) + end
        compare(f"German numbers in {encoding}", text.encode(encoding),
                ["--delimiter", ";", "--decimal", ",", "--thousands", ".", "--null", "k.A.", "--encoding", encoding],
                sep=";", decimal=",", thousands=".", na_values=["", "k.A."], encoding=encoding)
PYTHON
