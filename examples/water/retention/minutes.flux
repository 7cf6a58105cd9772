// The minutes of each plant and parameter, as a task of InfluxDB 2: every minute those of the last hour, as far as they are complete.
import "date"

option task = {name: "minutes", every: 1m}

figure = (name, fn) =>
    from(bucket: "water")
        |> range(start: date.truncate(t: -1h, unit: 1m), stop: date.truncate(t: now(), unit: 1m))
        |> filter(fn: (r) => r._measurement == "water_quality" and r._field == "value")
        |> group(columns: ["plant_id", "parameter"])
        |> aggregateWindow(every: 1m, fn: fn, createEmpty: false, timeSrc: "_start")
        |> set(key: "_measurement", value: "water_quality_1m")
        |> set(key: "_field", value: name)
        |> to(bucket: "water/minutes")
        |> yield(name: name)

figure(name: "min", fn: min)
figure(name: "max", fn: max)
figure(name: "sum", fn: sum)
figure(name: "count", fn: count)
