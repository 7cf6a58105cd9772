"""Options and streams for the model of win-agg, made at random."""
import math

from win_agg_columns import duration, stamp


def settings(random):
    kind = random.choice(["every", "every", "size", "session", "count"])
    s = {"kind": kind, "every": random.choice([1000, 7000, 60_000, 90_500]), "origin": 0, "right": False, "allow_late": 0}
    s["lateness"] = random.choice([0, 0, 500, 10_000, 60_000])
    args = ["--lateness", duration(s["lateness"])]
    if kind == "session":
        s["gap"] = random.choice([1000, 20_000, 45_000])
        args += ["--gap", duration(s["gap"])]
        if random.random() < 0.5:
            s["allow_late"] = random.choice([1000, 30_000, 600_000])
            args += ["--allow-late", duration(s["allow_late"]), "--late-copy", "copies"]
    elif kind == "count":
        s["count"] = random.choice([1, 2, 7])
        args += ["--count", str(s["count"])]
    else:
        args += ["--every", duration(s["every"])]
        if random.random() < 0.5:
            s["right"] = True
            args += ["--closed", "right"]
        if random.random() < 0.5:
            s["origin"] = random.choice([300, 5000, 86_400_000 + 1500])
            args += ["--origin", duration(s["origin"]) if random.random() < 0.5 else stamp(s["origin"])]
        if kind == "size":
            s["size"] = s["every"] * random.choice([1, 2, 5, 24]) if random.random() < 0.6 else s["every"] + 500 * random.randrange(1, 40)
            args += ["--size", duration(s["size"])]
        if random.random() < 0.5:
            s["allow_late"] = random.choice([1000, 30_000, 600_000])
            args += ["--allow-late", duration(s["allow_late"]), "--late-copy", "copies"]
    if random.random() < 0.3:
        s["max_future"] = random.choice([20_000, 120_000])
        args += ["--max-future", duration(s["max_future"])]
    if kind != "count" and random.random() < 0.4:
        s["early"] = random.choice([300, 4000, 25_000])
        args += ["--early", duration(s["early"])]
    elif random.random() < 0.3 and not (kind == "session" and s["allow_late"]):
        s["drop_partial"] = True
        args += ["--drop-partial"]
    return s, args


def stream(random, s):
    """Records, watermarks and lines that are neither; time goes on with disorder, repeats of times, pauses, and clocks that run ahead."""
    keys = random.choice([["a"], ["b", "a", "c"], [None, 2, 10, "10", "2", True, False, "ä", "z"], list(range(40))])
    now = random.choice([0, -200_000, 1_583_000_000_000])
    pace = random.choice([50, 1500, 9000])
    disorder = random.choice([0, 1, 3, 30]) * pace
    repeat_last = 0.1
    lines, t = [], now
    for _ in range(random.choice([20, 150, 400])):
        now += random.randrange(2 * pace) if random.random() < 0.98 else 40 * pace
        dice = random.random()
        if dice < 0.02:
            lines.append(("ctl", now - random.randrange(-3 * pace, 6 * pace)))
            continue
        if dice < 0.03:
            lines.append(("bad", None))
            continue
        if dice >= repeat_last:
            t = now - random.randrange(disorder + 1)
            if random.random() < 0.4:
                t -= t % 500  # upon the edges of windows
            if random.random() < 0.01:
                t += random.choice([-500_000, 100_000])
        raw = {"timestamp": stamp(t)}
        if (k := random.choice(keys)) is not None or random.random() < 0.5:
            raw["k"] = k
        dice = random.random()
        raw["v"] = random.randrange(12) if dice < 0.85 else None if dice < 0.93 else "no number" if dice < 0.95 else random.randrange(-(10**6), 10**6) / 8
        if random.random() < 0.7:
            raw["w"] = random.randrange(100)
        raw["any"] = random.choice([None, False, True, 3, -1, "x", "äöü", "a long string, longer than what is held in place", [1, 2], {"o": 1}])
        if random.random() < 0.1:
            del raw["any"]
        lines.append(("record", {**raw, "t": t, "raw": raw}))
    honest = random.random() < 0.5
    if honest:  # upstream keeps its promises
        least = math.inf
        for i in range(len(lines) - 1, -1, -1):
            kind, what = lines[i]
            least = min(least, what["t"]) if kind == "record" else least
            if kind == "ctl" and least < what:
                lines[i] = (kind, least - random.randrange(2) * pace)
    return lines, honest
