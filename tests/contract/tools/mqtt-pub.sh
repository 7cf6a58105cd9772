# What the contract suite needs to know of mqtt-pub.
args=(-t contract/records)
passes=yes
servers=(mosquitto)
state_args=(-t contract/state --id-field id)
strange=('mqtt-pub -t contract/state --id-field id --strict-json') # its output is read by a strict parser
other=(-t contract/others --id-field id)
ids=yes
# A subscriber with a session hears all that comes while it is away.
listen() { ${listen_exec:-} mosquitto_sub -h "$MQTT_HOST" -p "$MQTT_PORT" -q 1 -c -i contract-listener "$@"; }
prepare() {
  listen -t contract/unheard -E -W 200 # the session before this run ends
  mosquitto_sub -h "$MQTT_HOST" -p "$MQTT_PORT" -i contract-listener -t contract/unheard -E -W 200
  listen -t contract/state -E -W 200
}
output() {
  mosquitto_pub -h "$MQTT_HOST" -p "$MQTT_PORT" -q 1 -t contract/state -m '{"end":true}'
  (listen_exec=exec; listen -t contract/state) >heard 2>&1 &
  wait_until 60 grep -qx '{"end":true}' heard
  kill $!
  grep -vx '{"end":true}' heard | jq -r '"\(.id)\t\(del(.id) | tojson)"'
}
