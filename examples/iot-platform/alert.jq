# Whether the last reading of a row is an anomaly, and the alert then. Mean and deviation are those of the others in the window: an anomaly
# must not widen the range that it is judged by.
.count as $n | .mean as $mean | .value as $x
| (($n * $mean - $x) / ($n - 1)) as $expected
| ((.var * ($n - 1) - ($x - $mean) * ($x - $mean) * $n / ($n - 1)) / ($n - 2)) as $variance
| (if $variance > 0 then $variance | sqrt else 0 end) as $sd
| ((($x - $expected) | fabs) / ([$sd, 0.1] | max)) as $z
| select($z > 3 and (.window_end | fromdate) - (.at | sub("\\.[0-9]+"; "") | fromdate) < 1800)
| {device_id, sensor_type, value, timestamp: .at, location,
   anomaly: {type: "statistical_anomaly", z_score: $z, expected_range: [$expected - 2 * $sd, $expected + 2 * $sd], actual_value: $x}}
