# What the contract suite needs to know of kafka-pub. Tests share a broker, so each has topics and a pipeline of its own.
export CONTRACT_TOPIC=${CONTRACT_TOPIC:-contract-$$-$RANDOM}
topic=$CONTRACT_TOPIC
export WEIR_PIPE=$topic
args=(-t "$topic")
passes=yes
servers=(kafka)
faults=no # a start takes a second: the part `kafka` has pipelines of its own
state_args=(-t "$topic" -k city)
other=(-t "$topic-others" -k city)
may_change=(--linger 1ms)
strange=("kafka-pub -t $topic --strict-json")
unordered=yes
# A fresh run begins after what the runs before have sent, and its pipeline has committed nothing.
prepare() {
  date +%s%3N >since
  # Without the topic of the epochs there is none to forget; a message would make it, but not compacted.
  ! kcat -C -b "$KAFKA_BROKERS" -t weir-epochs -e -q >/dev/null 2>&1 || echo "$topic#" | kcat -P -b "$KAFKA_BROKERS" -t weir-epochs -p 0 -K '#' -Z
}
output() { kafka_settled "$topic" && kcat -C -b "$KAFKA_BROKERS" -t "$topic" -o "s@$(cat since)" -e -q -X isolation.level=read_committed; }
