// The hours, from minutes: every ten minutes those of the last six hours.
import "date"

option task = {name: "hours", every: 10m}

figure = (name, fn) =>
    from(bucket: "water/minutes")
        |> range(start: date.truncate(t: -6h, unit: 1h), stop: date.truncate(t: now(), unit: 1h))
        |> filter(fn: (r) => r._measurement == "water_quality_1m" and r._field == name)
        |> aggregateWindow(every: 1h, fn: fn, createEmpty: false, timeSrc: "_start")
        |> set(key: "_measurement", value: "water_quality_1h")
        |> to(bucket: "water/hours")
        |> yield(name: name)

figure(name: "min", fn: min)
figure(name: "max", fn: max)
figure(name: "sum", fn: sum)
figure(name: "count", fn: sum)
