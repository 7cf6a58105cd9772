// kafka-pub: sends records to Kafka.
#include <chrono>

#include "kafka_pub.hpp"
#include "net/kafka/options.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using namespace weir;
using weir::kafka_pub::KafkaPub;

struct Options : SinkOptions<KafkaPub> {
  kafka::Options brokers;
  std::string timestamp = "now";
  bool tombstone = false;
  std::string partitioner = "murmur2_random";
  std::string acks = "all";
  std::string compression = "none";
  Duration linger = std::chrono::milliseconds(5);
  std::uint64_t batch_size = 64 << 10;
};

void define_options(cli::App& app, Options& options) {
  app.example("kafka-pub -t weather.readings -k city readings.ndjson",
              "Send each record, and end when the brokers have acknowledged all");
  app.example("kafka-pub -t 'sensors.{parameter:-other}' -k sensor --compression lz4 sensors.ndjson",
              "A topic for each parameter");
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
  app.option("--payload", options.stage.form.payload, "Send the value of this field instead of the whole record")
      .metavar("FIELD");
  app.flag("--tombstone", options.tombstone,
           "Send a tombstone, which removes the key, where the field of --payload is missing or null");
  app.option("--dead-letter", options.stage.dead_letter,
             "Topic for records that the brokers refuse, with the reason as a header; they are rejects all the same")
      .metavar("TOPIC")
      .may_change();
  app.group("Delivery");
  app.option("--acks", options.acks, "Replicas that must have a message: all, 1").may_change();
  app.option("--partitioner", options.partitioner,
             "How a key chooses its partition; murmur2_random agrees with Java's clients")
      .metavar("NAME");
  app.option("--compression", options.compression, "gzip, lz4, snappy, zstd or none").metavar("CODEC").may_change();
  app.option("--linger", options.linger, "Wait so long for a batch to fill").may_change();
  app.size("--batch-size", options.batch_size, "Most bytes in a batch").at_least(1).may_change();
  app.option("--epochs-topic", options.stage.epochs_topic,
             "With --state: the compacted topic that keeps the last epoch")
      .metavar("TOPIC");
  options.brokers.define(app);
  options.input.define(app);
}

void check(Options& options) {
  options.brokers.validate();
  if (options.acks != "all" && options.input.state.on())
    throw cli::UsageError("--state commits transactions, which need --acks all");
  if (options.timestamp != "now") options.stage.form.time_field = options.timestamp;
  options.stage.form.without = options.tombstone ? kafka_pub::NoPayload::tombstone : kafka_pub::NoPayload::reject;
}

void complete(Options& options, cli::Context& context) {
  using std::chrono::milliseconds;
  options.input.strict_json = true;  // readers may be
  options.stage.producer.connection = options.brokers.settings(context);
  options.stage.producer.properties = {
      {"acks", options.acks},
      {"partitioner", options.partitioner},
      {"compression.codec", options.compression},
      {"linger.ms", std::to_string(std::chrono::duration_cast<milliseconds>(options.linger).count())},
      {"batch.size", std::to_string(options.batch_size)}};
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<KafkaPub, Options>(argc, argv, "kafka-pub", "sends records to Kafka", define_options, check,
                                            complete);
}
