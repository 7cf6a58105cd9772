"""The score of the Numenta Anomaly Benchmark."""
import math

PROFILES = {"standard": (1.0, 1.0, 0.11), "low FP": (1.0, 1.0, 0.22), "low FN": (1.0, 2.0, 0.11)}


def sigmoid(position):
    """The worth of a detection at a place relative to its window's end: -1 is the window's first row."""
    return -1.0 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


def rows_of(scores, windows):
    """For each row that counts: its score, the number of its window or None, and its worth without weights.
    `windows` has the first and the last row of each."""
    probation = min(math.floor(0.15 * len(scores)), 750)
    best = sigmoid(-1)
    rows, inside, before, next_window = [], None, None, 0
    for i, score in enumerate(scores):
        if next_window < len(windows) and i == windows[next_window][0]:
            inside, next_window = next_window, next_window + 1
        if inside is not None:
            first, last = windows[inside]
            worth = sigmoid(-(last - i + 1) / (last - first + 1)) / best
        elif before is None:
            worth = -1.0
        else:
            worth = sigmoid((i - before[1]) / (before[1] - before[0]))
        if i >= probation:
            rows.append((score, inside, worth))
        if inside is not None and i == windows[inside][1]:
            before, inside = windows[inside], None
    return rows


class Corpus:
    def __init__(self):
        self.rows, self.windows = [], 0

    def add(self, scores, windows):
        self.rows += [(s, None if w is None else self.windows + w, worth) for s, w, worth in rows_of(scores, windows)]
        self.windows += len(windows)

    def sweep(self, profile="standard"):
        """(normalised score, threshold, windows found, false positives) for each threshold."""
        tp, fn, fp = PROFILES[profile]
        rows = sorted(self.rows, key=lambda row: -row[0])
        seen = {w for _, w, _ in rows if w is not None}
        raw, found, false = -fn * len(seen), {}, 0
        null = -fn * self.windows
        scale = 100 / (tp * self.windows - null)
        best = []
        for i, (score, window, worth) in enumerate(rows):
            if window is None:
                raw += worth * fp
                false += 1
            else:
                before = found.get(window, -fn)
                if worth * tp > before:
                    raw += worth * tp - before
                    found[window] = worth * tp
            if i + 1 == len(rows) or rows[i + 1][0] != score:
                best.append((scale * (raw - null), score, len(found), false))
        return best

    def best(self, profile="standard"):
        return max(self.sweep(profile), key=lambda t: t[0])

    def at(self, threshold, profile="standard"):
        kept = [t for t in self.sweep(profile) if t[1] >= threshold]
        return kept[-1] if kept else (0.0, threshold, 0, 0)
