"""Malformed records and control lines."""
import json
import shutil
import subprocess

from pipeline import WORK, Failure, lines_of, tools_environment


def bad_lines(rng, options):
    """A million lines, most of them malformed in some way, through filters and a sink: in = out + rejected."""
    folder = WORK / "lines"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    total, control = 1_000_000, 0
    good = '{"timestamp":"2026-01-01T00:00:00Z","sensor":"a","value":1.5}'
    pieces = ["{", "}", "[", "]", '"', ":", ",", "\\", "null", "tru", "1e", "-", "\x00", "\x7f", "é", '{"@ctl":', '"barrier"', '"epoch":1',
              '"watermark"', '"time":', '"2026-01-01T00:00:00Z"', '"end"', '"begin"', '"restore"', '"run":', '"note"', "NaN", "\\ud800", " "]
    with open(folder / "in", "wb") as out:
        for number in range(total):
            kind = number % 4
            if kind == 0:
                line = good
            elif kind == 1:
                at = rng.randrange(1, len(good))
                line = good[:at] + rng.choice(pieces) + good[at + rng.randrange(0, 3):]
            elif kind == 2:
                line = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 12)))
            else:
                line = '{"@ctl":' + "".join(rng.choice(pieces) for _ in range(rng.randrange(0, 8)))
            raw = line.encode("utf-8", "surrogatepass") if rng.random() > 0.02 else bytes(rng.randrange(256) for _ in range(9)).replace(b"\n", b"")
            control += is_control(raw)
            out.write(raw + b"\n")
    blank = sum(1 for line in open(folder / "in", "rb") if not line.strip(b" \t\r\n"))
    command = ("thresh-alert --annotate --rule 'value > 9' --rejects r1 <in | weather-advise --rejects r2 | "
               "csv-append --columns timestamp,sensor,value,level,mod_high_temp,low_temp,temp_message,advice --rejects r3 out.csv")
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, check=False, capture_output=True,
                          env=tools_environment())
    if done.returncode != 0:
        raise Failure(f"malformed lines: exit {done.returncode}: {done.stderr.decode()[-300:]}")
    rows = len(lines_of(folder / "out.csv")()) - 1
    rejected = sum(len(lines_of(folder / name)()) for name in ("r1", "r2", "r3"))
    if rows + rejected + blank + control != total:
        raise Failure(f"malformed lines: {total} in, {rows} out, {rejected} rejected, {blank} blank, {control} control lines")
    return f"malformed lines: {total:,} in = {rows:,} out + {rejected:,} rejected + {blank:,} blank + {control:,} well-formed control lines"


def is_control(raw):
    """An independent check: a JSON object with that beginning, whose type is a string and not one of checkpoints."""
    if not raw.startswith(b'{"@ctl":') or b"\0" in raw:
        return False
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=lambda _: 1 / 0, object_pairs_hook=without_half_characters)
    except (ValueError, ZeroDivisionError, RecursionError):
        return False
    kind = value.get("@ctl")
    if kind == "watermark":
        return value.get("time") == "2026-01-01T00:00:00Z"
    return isinstance(kind, str) and kind not in ("begin", "restore", "barrier", "end", "watermark")


def without_half_characters(pairs):
    """Refuses half a surrogate pair (\\ud800 alone), which Python accepts as a character and UTF-8 cannot have."""
    json.dumps(pairs, ensure_ascii=False).encode("utf-8")
    return dict(pairs)
