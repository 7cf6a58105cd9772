#!/usr/bin/env bash
# polyfit-predict on each city's last readings of a year, against numpy.polyfit and scipy's t quantile.
# labels: numpy
# builds: release
# tools: csv-tail polyfit-predict
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
csv=$(readings_csv)
csv-tail "$csv" >year.ndjson

cat >compare.py <<'PY'
import csv, datetime, json, sys
import numpy
from scipy.stats import t

readings, predictions, degree, ahead, last, confidence = sys.argv[1:]
degree, last, confidence = int(degree), int(last), float(confidence)
fields = ("temperature_c", "humidity")
series = {}
for row in csv.DictReader(open(readings)):
    time = datetime.datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))
    for field in fields:
        if row[field] != "":
            series.setdefault((row["city"], field), []).append((time, float(row[field])))

def quantile(p, freedom):
    # scipy's ppf (1.10, Cephes) is right to 1.5e-9 only; one Newton step with its own cdf and pdf makes it exact.
    q = t.ppf(p, freedom)
    return q - (t.cdf(q, freedom) - p) / t.pdf(q, freedom)

def rel(got, want, scale):
    return abs(got - want) / max(abs(want), scale)

# Of equal values numpy has 1e-15 of rounding left where there is nothing: hence the least scales.
worst = {"coefficients": 0.0, "prediction": 0.0, "interval": 0.0, "sd": 0.0, "r2": 0.0}
seen = []
for line in open(predictions):
    got = json.loads(line)
    assert list(got) == ["timestamp", "city", "field", "prediction", "low", "high", "coefficients", "n", "r2", "sd"], got
    seen.append((got["city"], got["field"]))
    points = series[seen[-1]][-last:]
    times = [p[0] for p in points]
    y = numpy.array([p[1] for p in points])
    n = len(y)
    assert got["n"] == n, (got, n)
    if ahead.endswith("h"):
        length = datetime.timedelta(hours=int(ahead[:-1]))
        x = numpy.array([(time - times[-1]).total_seconds() for time in times])
        x0 = length.total_seconds()
    else:
        gaps = sorted(b - a for a, b in zip(times, times[1:]))
        length = gaps[(len(gaps) - 1) // 2] * int(ahead)
        x = numpy.arange(n, dtype=float)
        x0 = n - 1.0 + int(ahead)
    assert datetime.datetime.fromisoformat(got["timestamp"].replace("Z", "+00:00")) == times[-1] + length, got
    want = numpy.polyfit(x, y, degree)
    equal = bool((y == y[0]).all())
    assert not equal or got["coefficients"] == [0] * degree + [y[0]], got
    for a, b in zip(got["coefficients"], want, strict=True):
        if not equal:
            worst["coefficients"] = max(worst["coefficients"], abs(a - b) / abs(b))
    # The interval by another way than the tool's: scaled columns, pseudo-inverse.
    scale = abs(x).max()
    matrix = numpy.vander(x / scale, degree + 1)
    at = numpy.vander(numpy.array([x0 / scale]), degree + 1)[0]
    value = numpy.polyval(want, x0)
    left = ((y - numpy.polyval(want, x)) ** 2).sum()
    sd = numpy.sqrt(left / (n - degree - 1))
    half = quantile(0.5 + confidence / 2, n - degree - 1) * sd * numpy.sqrt(1 + at @ numpy.linalg.pinv(matrix.T @ matrix) @ at)
    worst["prediction"] = max(worst["prediction"], rel(got["prediction"], value, 1))
    worst["interval"] = max(worst["interval"], rel(got["high"] - got["prediction"], half, 1e-3), rel(got["prediction"] - got["low"], half, 1e-3))
    worst["sd"] = max(worst["sd"], rel(got["sd"], sd, 1e-3))
    total = ((y - y.mean()) ** 2).sum()
    if equal:
        assert got["r2"] is None, got
    else:
        worst["r2"] = max(worst["r2"], rel(got["r2"], 1 - left / total, 1e-3))
assert seen == sorted(seen, key=lambda s: (s[0].encode(), fields.index(s[1]))), "order"
assert set(seen) == set(series), "a series is missing"
assert max(worst.values()) <= 1e-9, worst
print(f"degree {degree}, last {last}, --ahead {ahead}: {len(seen)} series equal numpy's within "
      + ", ".join(f"{name} {value:.0e}" for name, value in worst.items()))
PY

check() { # check DEGREE AHEAD LAST CONFIDENCE
  polyfit-predict --by city --field temperature_c,humidity --last "$3" --degree "$1" --ahead "$2" --confidence "$4" year.ndjson >predictions 2>words
  /usr/bin/python3 compare.py "$csv" predictions "$1" "$2" "$3" "$4"
}
for degree in 1 2 3; do
  check $degree 1 50 0.95
  check $degree 24h 50 0.95
done
check 1 6 500 0.99
check 2 1h 8760 0.8
grep -q 'missing or null values left out' words

# Shuffled, time on the axis: the same predictions, for what counts is the readings' time.
shuf --random-source=<(yes) year.ndjson >shuffled.ndjson
polyfit-predict --by city --field temperature_c --ahead 24h year.ndjson 2>/dev/null >ordered
polyfit-predict --by city --field temperature_c --ahead 24h --max-future off shuffled.ndjson 2>/dev/null | cmp - ordered
echo "the readings shuffled: the same bytes"

# --live: the last prediction of each series is the one at the end.
polyfit-predict --by city --field temperature_c --live year.ndjson 2>/dev/null >live
jq -c '[.city,.prediction]' live | tac | awk -F, '!seen[$1]++' | sort >live-last
polyfit-predict --by city --field temperature_c year.ndjson 2>/dev/null | jq -c '[.city,.prediction]' | sort | cmp - live-last
echo "--live: $(wc -l <live) predictions, the last of each city the same as at the end"
