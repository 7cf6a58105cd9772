# What the contract suite needs to know of mqtt-sub.
args=(-t contract/records)
servers=(mosquitto)
state_args=(-t contract/state --client-id contract-state --count 3000)
other=(-t contract/others --client-id contract-state --count 3000)
strange=('mqtt-sub -t strange/lines --client-id strange-session')
strange_as=messages
# The broker keeps all messages in the session of this client id, from before the tool starts.
prepare() {
  local broker=(-h "$MQTT_HOST" -p "$MQTT_PORT")
  mosquitto_sub "${broker[@]}" -i contract-state -t contract/state -E -W 200 # ends the session of the run before
  mosquitto_sub "${broker[@]}" -i contract-state -t contract/state -q 1 -c -E -W 200
  csv-tail in.csv | mosquitto_pub "${broker[@]}" -t contract/state -q 1 -l
}
