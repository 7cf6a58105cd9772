// The days, from hours: every hour those of the last two days. A day is one of UTC.
import "date"

option task = {name: "days", every: 1h}

figure = (name, fn) =>
    from(bucket: "water/hours")
        |> range(start: date.truncate(t: -2d, unit: 1d), stop: date.truncate(t: now(), unit: 1d))
        |> filter(fn: (r) => r._measurement == "water_quality_1h" and r._field == name)
        |> aggregateWindow(every: 1d, fn: fn, createEmpty: false, timeSrc: "_start")
        |> set(key: "_measurement", value: "water_quality_1d")
        |> to(bucket: "water/days")
        |> yield(name: name)

figure(name: "min", fn: min)
figure(name: "max", fn: max)
figure(name: "sum", fn: sum)
figure(name: "count", fn: sum)
