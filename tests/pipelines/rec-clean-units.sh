#!/usr/bin/env bash
# rec-clean --convert beside the constants of scipy: numbers of every size through pairs of units, there and back.
# labels: numpy
# tools: rec-clean
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
cat >units.py <<'PY'
import itertools
import json
import random
import subprocess

from scipy import constants as c

# A column of mercury has its conventional density. (factor, shift): value * factor + shift is the value in the base unit.
dimensions = [
    {"degC": (1, 273.15), "degF": (c.degree_Fahrenheit, 459.67 * c.degree_Fahrenheit), "K": (1, 0)},
    {"Pa": (1, 0), "hPa": (100, 0), "kPa": (1000, 0), "bar": (c.bar, 0), "atm": (c.atm, 0), "psi": (c.psi, 0), "mmHg": (13595.1 * c.g / 1000, 0)},
    {"m/s": (1, 0), "km/h": (c.kmh, 0), "mph": (c.mph, 0), "kn": (c.knot, 0)},
    {"m": (1, 0), "in": (c.inch, 0), "ft": (c.foot, 0), "mi": (c.mile, 0), "km": (1000, 0)},
    {"L": (c.liter, 0), "m3": (1, 0), "gal": (c.gallon, 0)},
    {"kg": (1, 0), "lb": (c.lb, 0), "g": (c.gram, 0)},
    {"J": (1, 0), "Wh": (c.hour, 0), "kWh": (1000 * c.hour, 0)},
]
chance = random.Random(3)
numbers = [f"{chance.uniform(-1, 1) * 10 ** chance.randrange(-3, 7):.{chance.randrange(7)}f}" for _ in range(500)]
pairs = 0
for units in dimensions:
    for (a, (factor, shift)), (b, (other, back)) in itertools.permutations(units.items(), 2):
        lines = "".join(f'{{"value":{number},"unit":"{a}"}}\n' for number in numbers)
        run = lambda rule, text: subprocess.run(["rec-clean", "--convert", rule], input=text, capture_output=True, text=True, check=True).stdout
        there = run(f"value:{a}->{b}", lines)
        assert run(f"value[unit]->{b}", lines) == there.replace(f'"{a}"', f'"{b}"'), (a, b)
        for number, line in zip(numbers, there.split("\n")[:-1], strict=True):
            got, value = json.loads(line)["value"], float(number)
            want = (value * factor + shift - back) / other
            assert abs(got - want) <= 2e-12 * max(abs(want), abs(value * factor / other), abs(shift / other)), (a, b, number, got, want)
        for number, line in zip(numbers, run(f"value:{b}->{a}", there).split("\n")[:-1], strict=True):
            got = json.loads(line)["value"]
            assert abs(got - float(number)) <= 1e-12 * max(abs(float(number)), abs(shift / factor), abs(back / factor)), (a, b, number, got)
        pairs += 1
print(f"{pairs} pairs of units, 500 numbers each, as scipy's constants have them")
PY
/usr/bin/python3 units.py
