# What the contract suite needs to know of kafka-sub. Tests share a broker, so each has topics of its own.
export CONTRACT_TOPIC=${CONTRACT_TOPIC:-contract-$$-$RANDOM}
topic=$CONTRACT_TOPIC
args=(-t "$topic" --from start --until end)
servers=(kafka)
faults=no # a start takes a second: the part `kafka` has pipelines of its own
state_args=(-t "$topic" --from start --until end)
other=(-t "$topic-others" --from start --until end)
may_change=(--group monitored)
unordered=yes # of several partitions
strange=("kafka-sub -t $topic --from start --until end")
strange_as=topic
prepare() {
  case $PWD in */strange-*) return ;; esac # which sends its own
  [ -e ../sent ] || csv-tail in.csv | kafka-pub -t "$topic" -k city
  touch ../sent
}
