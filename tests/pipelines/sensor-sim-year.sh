#!/usr/bin/env bash
# labels: csv
# tools: sensor-sim csv-append csv-tail
# timeout: 300
# A simulated year of 36 cities beside the year of readings: as many records, means, spreads, shares of rain and changes from hour to hour like
# those that were measured; the same bytes again for the same seed. Says how fast. The figures of the real year stand below, since the
# readings themselves are not part of the sources; where they are at hand, the figures are checked with them.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
# Without the real readings this is a simulated year of another seed.
csv=$(readings_csv 2>readings)
cat readings

sim() { "$WEIR_BIN/sensor-sim" --weather --cities 36 --start 2016-12-01T00:00:00Z --every 1h --count 306612 "$@"; }
begin=$(date +%s%N)
sim --seed 5 >sim.ndjson
end=$(date +%s%N)
sim --seed 5 | cmp - sim.ndjson
echo "306612 records, the same twice; $((306612 * 1000000 / ((end - begin) / 1000))) records/s"
sim --seed 5 --gaps 0.001 | "$WEIR_BIN/csv-append" sim.csv
[ "$("$WEIR_BIN/csv-tail" sim.csv | wc -l)" = 306612 ]
echo "through CSV and back: 306612 records, $(grep -c ',,' sim.csv) rows with an empty cell"

/usr/bin/python3 - "$csv" sim.ndjson "$(grep -c 'the real ones,' readings)" <<'PYTHON'
import sys
import pandas as pd
real = pd.read_csv(sys.argv[1]) if sys.argv[3] == "1" else None
sim = pd.read_json(sys.argv[2], lines=True)
def hourly(table, column):
    return table.groupby("city")[column].apply(lambda s: s.diff().abs().mean()).mean()
def within(table, column):
    return table.groupby("city")[column].std().mean()
def share(table, words):
    return table.weather.str.contains(words).mean()
checks = [
    ("mean temperature, °C", 16.09, lambda t: t.temperature_c.mean(), 3),
    ("spread of temperature, °C", 10.143, lambda t: t.temperature_c.std(), 2),
    ("spread of temperature in a city, °C", 8.575, lambda t: within(t, "temperature_c"), 2.5),
    ("change of temperature in an hour, °C", 0.853, lambda t: hourly(t, "temperature_c"), 0.3),
    ("highest temperature, °C", 48.0, lambda t: t.temperature_c.max(), 12),
    ("lowest temperature, °C", -29.76, lambda t: t.temperature_c.min(), 15),
    ("mean humidity, %", 66.912, lambda t: t.humidity.mean(), 8),
    ("spread of humidity, %", 22.842, lambda t: t.humidity.std(), 6),
    ("mean pressure, hPa", 1014.861, lambda t: t.pressure.mean(), 3),
    ("spread of pressure in a city, hPa", 9.103, lambda t: within(t, "pressure"), 4),
    ("mean wind, m/s", 3.163, lambda t: t.wind_speed.mean(), 0.7),
    ("spread of wind, m/s", 2.104, lambda t: t.wind_speed.std(), 0.7),
    ("change of wind in an hour, m/s", 0.956, lambda t: hourly(t, "wind_speed"), 0.4),
    ("pressure and wind, correlation", -0.119, lambda t: t.groupby("city").apply(lambda c: c.pressure.corr(c.wind_speed)).mean(), 0.25),
    ("temperature and humidity, correlation", -0.286, lambda t: t.groupby("city").apply(lambda c: c.temperature_c.corr(c.humidity)).mean(), 0.25),
    ("share of rain and snow", 0.104, lambda t: share(t, "rain|drizzle|snow|sleet"), 0.04),
    ("share of snow", 0.014, lambda t: share(t, "snow"), 0.012),
    ("share of thunder", 0.011, lambda t: share(t, "thunder"), 0.01),
    ("share of fog, mist and haze", 0.157, lambda t: share(t, "fog|mist|haze"), 0.08),
    ("share of clear sky", 0.369, lambda t: share(t, "clear"), 0.12),
]
bad = 0
for name, measured, figure, tolerance in checks:  # measured: in the readings of 2016-12-01 to 2017-11-30
    simulated = figure(sim)
    ok = abs(measured - simulated) <= tolerance and (real is None or abs(figure(real) - measured) < 0.001)
    bad += not ok
    print(f"{name:40} {measured:9.3f} measured {simulated:9.3f} simulated{'' if ok else '   TOO FAR'}")
sys.exit(bad > 0)
PYTHON
