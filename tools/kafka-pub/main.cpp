// kafka-pub: sends records to Kafka.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "delivery_options.hpp"
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
  kafka_pub::DeliveryOptions delivery;
};

void define_options(cli::App& app, Options& options) {
  app.example("kafka-pub -t weather.readings -k city readings.ndjson",
              "Send each record, and end when the brokers have acknowledged all");
  app.example("kafka-pub -t 'sensors.{parameter:-other}' -k sensor --compression lz4 sensors.ndjson",
              "A topic for each parameter");
  app.example("kafka-pub -t cities.avro -k city --timestamp timestamp --avro-schema reading.avsc readings.ndjson",
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
  options.delivery.define(app, options.stage);
  options.brokers.define(app);
  options.input.define(app);
}

/// What -X must not set: an option does, and knows what else depends on it.
void check_properties(const std::vector<std::string>& properties) {
  for (const auto& [property, option] : {std::pair("acks=", "--acks"), std::pair("request.required.acks=", "--acks"),
                                         std::pair("transactional.id=", "--pipe")})
    for (const std::string& given : properties)
      if (given.starts_with(property)) throw cli::UsageError(fmt::format("--property {}: give {}", given, option));
}

void check(Options& options) {
  const cli::NetOptions& net = options.brokers.net;
  if (!net.key.empty() && net.cert.empty())
    throw cli::UsageError("--key is the key of --cert, for TLS; the key of messages is --message-key");
  options.brokers.validate();
  check_properties(options.brokers.properties);
  options.schema.validate(options.stage.form, net.insecure);
  options.delivery.validate(options.stage, options.input.state.on());
  if (options.timestamp != "now") options.stage.form.time_field = options.timestamp;
  options.stage.form.without = options.tombstone ? kafka_pub::NoPayload::tombstone : kafka_pub::NoPayload::reject;
}

void complete(Options& options, cli::Context& context) {
  options.input.strict_json = true;  // readers may be
  options.stage.schemas = options.schema.choice(context, options.brokers.retry_for);
  options.stage.producer.properties = options.delivery.properties(options.stage);
  options.stage.producer.connection = options.brokers.settings(context, options.stage.producer.properties);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<KafkaPub, Options>(argc, argv, "kafka-pub", "sends records to Kafka", define_options, check,
                                            complete);
}
