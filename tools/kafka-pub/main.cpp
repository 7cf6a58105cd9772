// kafka-pub: sends records to Kafka.
#include <algorithm>
#include <charconv>
#include <chrono>

#include "kafka_pub.hpp"
#include "net/kafka/options.hpp"
#include "pipeline/sink_main.hpp"
#include "schema_options.hpp"

namespace {

using namespace weir;
using weir::kafka_pub::KafkaPub;

struct Options : SinkOptions<KafkaPub> {
  kafka::Options brokers;
  kafka_pub::SchemaOptions schema;
  std::string timestamp = "now";
  bool tombstone = false;
  std::string partitioner = "murmur2_random";
  std::string compression = "none";
  Duration linger = std::chrono::milliseconds(5);
  std::uint64_t in_flight = 5;
  std::string create_topic;
};

void define_options(cli::App& app, Options& options) {
  app.example("kafka-pub -t weather.readings -k city readings.ndjson",
              "Send each record, and end when the brokers have acknowledged all");
  app.example("kafka-pub -t 'sensors.{parameter:-other}' -k sensor --compression lz4 sensors.ndjson",
              "A topic for each parameter");
  app.example("kafka-pub -t weather.avro -k city --timestamp timestamp --avro-schema reading.avsc readings.ndjson",
              "In Avro's binary encoding, with the time of the reading as that of the message");
  app.group("Messages");
  app.option("-t,--topic", options.stage.form.topic,
             "Topic, in which {field} stands for a field's value and {field:-text} gives a default")
      .required();
  app.option("-k,--message-key", options.stage.form.key,
             "Field, or text with {field}, that makes the key; without it messages have none")
      .metavar("FIELD");
  app.option("--header", options.stage.form.headers,
             "Header, whose VALUE may have {field} in it; left out where the field is missing")
      .metavar("NAME=VALUE");
  app.option("--timestamp", options.timestamp, "Field with the message's timestamp, or `now`").metavar("FIELD");
  app.option("--payload", options.stage.form.payload,
             "Send the value of this field, or text with {field}, instead of the whole record")
      .metavar("FIELD");
  app.flag("--tombstone", options.tombstone,
           "Send a tombstone, which removes the key, where the field of --payload is missing or null");
  app.option("--dead-letter", options.stage.dead_letter,
             "Topic for records that the brokers refuse, with the reason as a header; they are rejects all the same")
      .metavar("TOPIC")
      .may_change();
  options.schema.define(app);
  app.group("Delivery");
  app.choice("--acks", options.stage.producer.repeats,
             {{"all", kafka::Repeats::stored_once}, {"1", kafka::Repeats::stored}},
             "Replicas that must have a message; with 1 it may be lost with its leader, or stored twice")
      .may_change();
  app.option("--partitioner", options.partitioner,
             "How a key chooses its partition; murmur2_random agrees with Java's clients")
      .metavar("NAME");
  app.option("--compression", options.compression, "gzip, lz4, snappy, zstd or none").metavar("CODEC").may_change();
  app.option("--linger", options.linger, "Wait so long for a batch to fill").may_change();
  app.size("--batch-size", options.stage.producer.batch_size,
           "Most bytes in a batch; less than max.message.bytes of the topic")
      .at_least(1)
      .may_change();
  app.option("--max-in-flight", options.in_flight, "Batches on their way to a broker without an answer, 5 at most")
      .at_least(1)
      .may_change();
  app.option("--create-topic", options.create_topic,
             "Make each topic that is missing, with these: partitions=3,replication=2,NAME=VALUE of its settings")
      .metavar("LIST")
      .may_change();
  app.flag("--watermarks", options.stage.watermarks,
           "With --state: also write the watermarks that come, to every partition; for kafka-sub --producers");
  app.option("--epochs-topic", options.stage.epochs_topic,
             "With --state: the compacted topic that keeps the last epoch")
      .metavar("TOPIC");
  options.brokers.define(app);
  options.input.define(app);
}

/// The topic of --create-topic.
kafka::NewTopic new_topic_of(const std::string& text) {
  kafka::NewTopic made;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const auto equals = part.find('=');
    if (equals == std::string::npos || equals == 0)
      throw cli::UsageError("--create-topic '" + part + "': it takes partitions=N, replication=N and NAME=VALUE");
    const std::string name = part.substr(0, equals);
    const std::string value = part.substr(equals + 1);
    if (name == "partitions" || name == "replication") {
      int number = 0;
      const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
      if (read.ec != std::errc() || read.ptr != value.data() + value.size() || number < 1)
        throw cli::UsageError("--create-topic: " + name + " is a number from 1, not '" + value + "'");
      (name == "partitions" ? made.partitions : made.replicas) = number;
    } else {
      made.configuration.emplace_back(name, value);
    }
    begin = end + 1;
  }
  return made;
}

void check(Options& options) {
  options.brokers.validate();
  options.schema.validate(options.stage.form, options.brokers.net.insecure);
  if (options.in_flight > 5)
    throw cli::UsageError("--max-in-flight: 5 at most, or Kafka cannot keep the order when a batch is sent again");
  if (!options.create_topic.empty()) options.stage.new_topic = new_topic_of(options.create_topic);
  if (options.stage.producer.repeats != kafka::Repeats::stored_once && options.input.state.on())
    throw cli::UsageError("--state commits transactions, which need --acks all");
  if (options.stage.watermarks && !options.input.state.on())
    throw cli::UsageError("--watermarks goes with --state: watermarks are part of its transactions");
  if (options.timestamp != "now") options.stage.form.time_field = options.timestamp;
  options.stage.form.without = options.tombstone ? kafka_pub::NoPayload::tombstone : kafka_pub::NoPayload::reject;
}

void complete(Options& options, cli::Context& context) {
  using std::chrono::milliseconds;
  options.input.strict_json = true;  // readers may be
  options.stage.schemas = options.schema.choice(context, options.brokers.retry_for);
  options.stage.producer.properties = {
      {"acks", options.stage.producer.repeats == kafka::Repeats::stored_once ? "all" : "1"},
      {"partitioner", options.partitioner},
      {"compression.codec", options.compression},
      {"linger.ms", std::to_string(std::chrono::duration_cast<milliseconds>(options.linger).count())},
      {"max.in.flight.requests.per.connection", std::to_string(options.in_flight)}};
  options.stage.producer.connection = options.brokers.settings(context, options.stage.producer.properties);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<KafkaPub, Options>(argc, argv, "kafka-pub", "sends records to Kafka", define_options, check,
                                            complete);
}
