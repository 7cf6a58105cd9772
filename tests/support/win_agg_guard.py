"""The guard against clocks that run ahead (weir(7)), computed anew for the model of win-agg."""
import math

MOST_SET_ASIDE = 1000
AGREEING_TIMES = 3
END_LIMITS = 12


class Guard:
    """Says of each record, in order, whether it is taken; a limit of None takes all."""

    def __init__(self, limit):
        self.given = limit
        self.latest = None
        self.longest_pause = 0
        self.held = []

    def limit(self):
        return max(self.given, 2 * self.longest_pause)

    def record(self, time, record):
        if self.given is None:
            return [(True, record)]
        if self.latest is not None and time <= self.latest + self.limit():
            self.latest = max(self.latest, time)
            return [(True, record)] + (self.rule(self.latest + self.limit()) if self.held else [])
        self.held.append((time, record))
        times = [each for each, _ in self.held]
        if self.latest is None:
            near = [other for other in (times[-2:-1] + [min(times[:-1])] if times[:-1] else []) if abs(time - other) <= self.limit()]
            if near:
                return self.rule(max(time, near[0]) + self.limit())
        elif len(set(times)) >= AGREEING_TIMES:
            return self.rule(math.inf)
        return self.rule(math.inf) if len(times) >= MOST_SET_ASIDE else []

    def watermark(self, time):
        if self.given is None or self.latest is not None and time <= self.latest:
            return []
        self.latest = time
        return self.rule(self.latest + self.limit(), keep=True) if self.held else []

    def end(self):
        if not self.held:
            return []
        return self.rule(math.inf if self.latest is None else self.latest + END_LIMITS * self.limit())

    def rule(self, believed, keep=False):
        held, self.held = self.held, []
        first = min(time for time, _ in held)
        if self.latest is not None and first <= believed:
            self.longest_pause = max(self.longest_pause, first - self.latest)
        taken = [(time, record) for time, record in held if time <= believed]
        rest = [(time, record) for time, record in held if time > believed]
        for time, _ in taken:
            self.latest = time if self.latest is None else max(self.latest, time)
        if keep:
            self.held = rest
            rest = []
        return [(True, record) for _, record in taken] + [(False, record) for _, record in rest]
