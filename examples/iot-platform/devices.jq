# The messages of devices, from the weather of cities (sensor-sim --weather): a temperature, a humidity and a pressure each time, and every six
# hours a status. Some are as real devices send them: out of range, without a place or a value; some are planted anomalies. The same in each
# run:  jq -nc -f devices.jq weather.ndjson
def device: "dev-" + (.city | ascii_downcase | gsub("[^a-z]"; "-"));
# A device stands some way off the middle of its city; those of other cities send no place.
def place: {Athens: {lat: 38.02, lon: 23.75}, London: {lat: 51.48, lon: -0.1}, "New York": {lat: 40.68, lon: -73.95}, Tokyo: {lat: 35.7, lon: 139.75}}[.city];
def reading($type; $value; $unit):
  {device_id: device, sensor_type: $type, timestamp, value: $value, unit: $unit, location: place, metadata: {firmware: "2.1"}};
foreach inputs as $weather (0; . + 1;
  . as $n | $weather
  | (.temperature_c | if $n % 607 == 0 then 300 elif $n % 401 == 0 then . + 40 elif $n % 701 == 0 then "n/a" else . end) as $temperature
  | (if $n % 211 == 0 then 104.5 else .humidity end) as $humidity
  | (.pressure | if $n % 503 == 0 then 0 elif $n % 307 == 0 then . - 90 else . end) as $pressure
  | (reading("temperature"; $temperature; "°C") | if $n % 89 == 0 then del(.location) else . end),
    reading("humidity"; $humidity; "%"),
    (reading("pressure"; $pressure; "hPa") | if $n % 97 == 0 then .location = {} else . end),
    (select(.timestamp | test("T(00|06|12|18):00"))
      | {device_id: device, timestamp, status: (if $n % 31 == 0 then "offline" else "online" end), battery: (100 - $n % 90)}))
