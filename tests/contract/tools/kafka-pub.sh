# What the contract suite needs to know of kafka-pub. Tests share a broker, so each has topics and a pipeline of its own.
topic=contract-$(basename "${PARTS:-none}")
export WEIR_PIPE=$topic
args=(-t "$topic")
passes=yes
servers=(kafka)
state_args=(-t "$topic" -k city)
other=(-t "$topic-others" -k city)
may_change=(--linger 1ms)
strange=("kafka-pub -t $topic --strict-json")
unordered=yes
kafka_lines() { kcat -C -b "$KAFKA_BROKERS" -t "$topic" -e -q -X isolation.level=read_committed 2>/dev/null || true; }
# A fresh run begins after what the runs before have sent, and its pipeline has committed nothing.
prepare() {
  kafka_lines | wc -l >sent
  # Without the topic of the epochs there is none to forget; a message would make it, but not compacted.
  ! kcat -C -b "$KAFKA_BROKERS" -t weir-epochs -e -q >/dev/null 2>&1 || echo "$topic#" | kcat -P -b "$KAFKA_BROKERS" -t weir-epochs -p 0 -K '#' -Z
}
output() { kafka_lines | tail -n +"$(($(cat sent) + 1))"; }
