# A reading with its state, "valid" or "rejected", and its errors if any. Humidity is kept within 0 to 100 %. A reading without a place has
# that of its device, where devices.json knows it:  jq -c --slurpfile devices devices.json -f clean.jq
{temperature: [-50, 150], pressure: [800, 1200]} as $ranges
| (if .sensor_type | type == "string" then $ranges[.sensor_type] else null end) as $range
| [ (select(.timestamp | type != "string") | "no timestamp"),
    (select(.value | type != "number") | "the value is not a number"),
    (select((.value | type == "number") and $range and (.value < $range[0] or .value > $range[1]))
      | "the value is out of range: \($range[0]) to \($range[1])") ] as $errors
| if .sensor_type == "humidity" and (.value | type == "number") then .value |= (if . > 100 then 100 elif . < 0 then 0 else . end) else . end
| if (.location // {}) == {} and $devices[0][.device_id] then .location = $devices[0][.device_id] else . end
| if $errors == [] then .state = "valid" else .state = "rejected" | .errors = $errors end
