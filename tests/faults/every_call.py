"""Every fault at every system call of every stage of four pipelines, one run for each point."""
import time

from broker_case import BrokerCase
from calls import NOTES, faults_of
from file_case import FileCase
from pipeline import Failure, kill_all, report
from services import Broker

CASES = ["windows-pg", "alerts-csv", "mqtt-windows-pg", "mqtt-alerts-mqtt"]


class Table:
    """Points, hits and wrong ends by pipeline, stage, phase and call."""

    def __init__(self):
        self.rows = {}

    def note(self, group, hit, wrong):
        points = self.rows.setdefault(group, [0, 0, 0])
        points[0] += 1
        points[1] += hit
        points[2] += wrong

    def sum(self):
        return [sum(row[i] for row in self.rows.values()) for i in range(3)]

    def __str__(self):
        parts, last = [], None
        for (case, stage, phase, call), (points, hits, wrong) in sorted(self.rows.items()):
            if last != (case, stage, phase):
                parts.append(f"\n  {case} {stage} ({phase}):")
                last = (case, stage, phase)
            parts.append(f" {call} {points}/{hits}/{wrong}")
        return "".join(parts)


class Points:
    """Runs points and counts results; continues after a failure, so that a long run reports all of them."""

    def __init__(self, most_wrong):
        self.table = Table()
        self.first_wrong = None
        self.most_wrong = most_wrong

    def run(self, case, stage, phase, call, fault, when):
        """Whether the fault has occurred."""
        problem = None
        began = time.monotonic()
        try:
            hit = case.point(stage, phase, call, fault, when)
        except Failure as failure:
            problem, hit = failure, True
            kill_all(but=case.services)
            report(f"WRONG: {case.name} {stage} {case.tool(stage)} {phase} {call}:{fault}:when={when}: {failure}\n  "
                + "\n  ".join(case.errors()[-12:]))
            case.keep_evidence()
        if time.monotonic() - began > 10:
            report(f"slow: {time.monotonic() - began:.0f} s for {call}:{fault}:when={when} in {case.name} {stage} {phase}")
        self.table.note((case.name, f"{stage} {case.tool(stage)}", phase, call), hit, problem is not None)
        if problem:
            self.first_wrong = self.first_wrong or f"{case.name}: {call}:{fault}:when={when} in {case.tool(stage)} ({phase}): {problem}"
            if self.table.sum()[2] >= self.most_wrong:
                raise Failure(self.first_wrong)
        return hit


def occurrences(first, last, dense, then):
    """1st, 2nd, 3rd … of a stage's own calls, and after `dense` of them each `then`th."""
    for number in range(first, last + 1):
        if number - first < dense or (number - first - dense) % then == 0:
            yield number


def whole(cases, options):
    """All points in order."""
    points = Points(options.most_wrong)
    began = time.monotonic()
    skip = options.come_from
    for case in cases:
        for stage in range(len(case.stages())):
            for phase in ("fresh", "again"):
                for call, (loaded, count) in case.calls(stage, phase).items():
                    name = f"{case.name}/{stage}/{phase}/{call}"
                    if skip:
                        if not name.startswith(skip):
                            continue
                        skip = None
                    if options.call and call not in options.call or options.stage is not None and stage != options.stage:
                        continue
                    for fault in faults_of(call):
                        missed = 0
                        for when in occurrences(loaded + 1, 100_000, options.dense, options.then):
                            missed = 0 if points.run(case, stage, phase, call, fault, when) else missed + 1
                            if missed > (when <= count):  # one call less can be chance
                                break
                    all_, hits, wrong = points.table.sum()
                    report(f"{name}: {count - loaded} calls; so far {all_} points, {hits} hit, {wrong} wrong; "
                        f"{(time.monotonic() - began) / all_:.2f} s a point")
    return points


def a_slice(rng, cases, budget, least):
    """Points drawn from all of them, none twice."""
    points = Points(1)
    stages = [(case, stage, phase) for case in cases for stage in range(len(case.stages())) for phase in ("fresh", "again")]
    drawn = {}
    began = time.monotonic()
    while stages and (time.monotonic() - began < budget or points.table.sum()[1] < least):
        of = rng.choice(stages)
        if of not in drawn:
            drawn[of] = [(call, fault, when) for call, (loaded, count) in of[0].calls(*of[1:]).items()
                         for fault in faults_of(call) for when in range(loaded + 1, count + 1)]
            rng.shuffle(drawn[of])
        if not drawn[of]:
            stages.remove(of)
            continue
        points.run(*of, *drawn[of].pop())
    return points


def every_call(rng, options):
    """Every kind of fault at every system call of every stage; without --whole as many of them as the budget lets."""
    seed = rng.randrange(1 << 30)
    names = options.case or CASES
    broker = Broker.in_folder("every-call-broker") if any(name.startswith("mqtt") for name in names) else None
    cases = [BrokerCase(name, seed, broker) if name.startswith("mqtt") else FileCase(name, seed) for name in names]
    if options.whole:
        points = whole(cases, options)
        report("points/hit/wrong for each system call:" + str(points.table) + "\n  " + "\n  ".join(NOTES))
    else:
        points = a_slice(rng, cases, options.budget, options.least)
    for case in cases:
        case.end()
    if points.first_wrong:
        raise Failure(points.first_wrong)
    all_, hits, wrong = points.table.sum()
    return f"every call: {all_:,} points, {hits:,} hit, {wrong} wrong"
