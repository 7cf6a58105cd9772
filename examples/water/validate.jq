# A reading with its state, "validated" or "rejected", and its errors if any.
{pH: [0, 14], BOD: [0, 2000], COD: [0, 5000], TSS: [0, 10000], TDS: [0, 50000], temperature: [-10, 100]} as $ranges
| .plantId //= "default"
| (if .parameter | type == "string" then $ranges[.parameter] else null end) as $range
| [ (select(.sensorId | type != "string" or . == "") | "no sensorId"),
    (select(.parameter | type != "string") | "no parameter"),
    (select(.value | type != "number") | "the value is not a number"),
    (select((.value | type == "number") and $range and (.value < $range[0] or .value > $range[1]))
      | "the value is out of range: \($range[0]) to \($range[1])") ] as $errors
| if $errors == [] then .state = "validated" else .state = "rejected" | .errors = $errors end
