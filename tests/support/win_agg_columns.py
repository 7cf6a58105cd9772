"""What the model of win-agg shares with its streams: times as text, and the columns of a window, from all of its records."""
import datetime
import json
import math

UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
AGGREGATES = (
    "count() as n, count(v) as nv, sum(v) as sum, avg(v) as avg, min(v) as min, max(v) as max, first(v) as first, last(v) as last, "
    "range(v) as range, delta(v) as delta, rate(v) as rate, median(v) as median, p90(v) as p90, distinct(v) as distinct, var(v) as var, "
    "var_pop(v) as var_pop, stddev(v) as stddev, stddev_pop(v) as stddev_pop, count(v > 5) as above, sum(w) if v <= 5 as low, first(any), last(any), distinct(any), twa(v) as twa"
)
NEAR = {"twa", "var", "var_pop", "stddev", "stddev_pop", "avg", "rate", "median", "p90"}


def duration(ms):
    text = ""
    for unit, size in UNITS:
        text += f"{ms // size}{unit}" if ms // size else ""
        ms %= size
    return text or "0s"


def stamp(ms):
    text = (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    return text.removesuffix(".000") + "Z"


def millis(text):
    time = datetime.datetime.fromisoformat(text.removesuffix("Z"))
    return (time - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)


def json_rank(value):
    """The order of values that the manual gives: null, false, true, numbers, strings, arrays, objects."""
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (2 if value else 1, 0)
    if isinstance(value, (int, float)):
        return (3, value)
    if isinstance(value, str):
        return (4, value.encode())
    return (5, json.dumps(value, separators=(",", ":"))) if isinstance(value, list) else (6, json.dumps(value, separators=(",", ":")))


def quantile(numbers, share):
    numbers = sorted(numbers)
    place = share * (len(numbers) - 1)
    below = math.floor(place)
    return numbers[below] + (numbers[min(below + 1, len(numbers) - 1)] - numbers[below]) * (place - below)


def held_mean(records, end):
    """Each value holds until the next one, the last one to `end`; of equal times the greatest."""
    values = {}
    for r in sorted(records, key=lambda r: (r["t"], r["v"])):
        values[r["t"]] = r["v"]
    times = sorted(values)
    if not times:
        return None
    if end <= times[0]:
        return values[times[0]]
    return sum(values[t] * (until - t) for t, until in zip(times, times[1:] + [end])) / (end - times[0])


def aggregates(records, end):
    """The columns of AGGREGATES, in their order; `end`: until when the last value holds."""
    by_time = lambda name: sorted((r for r in records if r.get(name) is not None), key=lambda r: (r["t"], json_rank(r[name])))
    edge = lambda rows, name, last: rows[-1 if last else 0][name] if rows else None
    v = by_time("v")
    numbers = [r["v"] for r in v]
    n, total = len(numbers), sum(numbers)
    squares = sum((n * x - total) ** 2 for x in numbers) / n**2 if n else 0
    delta = numbers[-1] - numbers[0] if n else None
    seconds = (v[-1]["t"] - v[0]["t"]) / 1000 if n else 0
    low = [r["w"] for r in v if r["v"] <= 5 and r.get("w") is not None]
    different = lambda rows, name: len({(type(r[name]) is bool, json.dumps(r[name])) for r in rows})
    any_value = by_time("any")
    return {
        "n": len(records), "nv": n, "sum": total if n else None, "avg": total / n if n else None, "min": min(numbers, default=None),
        "max": max(numbers, default=None), "first": edge(v, "v", False), "last": edge(v, "v", True),
        "range": max(numbers) - min(numbers) if n else None, "delta": delta, "rate": delta / seconds if seconds > 0 else None,
        "median": quantile(numbers, 0.5) if n else None, "p90": quantile(numbers, 0.9) if n else None, "distinct": different(v, "v"),
        "var": squares / (n - 1) if n > 1 else None, "var_pop": squares / n if n else None,
        "stddev": math.sqrt(squares / (n - 1)) if n > 1 else None, "stddev_pop": math.sqrt(squares / n) if n else None,
        "above": sum(x > 5 for x in numbers), "low": sum(low) if low else None,
        "any_first": edge(any_value, "any", False), "any_last": edge(any_value, "any", True), "any_distinct": different(any_value, "any"),
        "twa": held_mean(v, end),
    }  # fmt: skip
