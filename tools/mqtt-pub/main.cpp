// mqtt-pub: publishes records to an MQTT broker.
#include "cli/mqtt_options.hpp"
#include "epoch_pub.hpp"
#include "mqtt_pub.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;
using namespace weir::mqtt_pub;

struct Options {
  std::string topic;
  std::string payload;
  std::string id_field;
  bool retain = false;
  cli::MqttOptions broker;
  InputOptions input;
};

void define_options(cli::App& app, Options& options) {
  app.example("mqtt-pub -t weather/readings readings.ndjson",
              "Publish each record, and end when the broker has acknowledged all");
  app.example("mqtt-pub -t 'weather/{city}/now' --retain readings.ndjson",
              "A topic for each city, which keeps the last reading");
  app.example("mqtt-pub -t 'sensors/{location.room:-hall}' --qos 0 readings.ndjson",
              "A nested field with a default; no acknowledgements");
  app.group("Messages");
  app.option("-t,--topic", options.topic,
             "Topic, in which {field} stands for a field's value and {field:-word} gives a default")
      .required();
  app.option("--payload", options.payload,
             "The field whose value is the message; without it, the whole record as it came")
      .metavar("FIELD");
  app.option("--id-field", options.id_field,
             "With --state: add the message's id, the same whenever it is sent, to the record under this name")
      .metavar("NAME");
  app.flag("--retain", options.retain, "The broker keeps the last message of each topic for those who subscribe later")
      .may_change();
  options.broker.define(app, cli::MqttRole::publisher);
  options.input.define(app);
}

void validate(const Options& options) {
  options.broker.validate();
  try {
    FieldSet fields;
    const TopicTemplate trial(options.topic, fields);
    if (!options.payload.empty()) fields.add(options.payload);
  } catch (const std::invalid_argument& problem) {
    throw cli::UsageError(std::string("--topic or --payload: ") + problem.what());
  }
  if (!options.id_field.empty() && !options.input.state.on()) throw cli::UsageError("--id-field needs --state");
  if (!options.id_field.empty() && !options.payload.empty())
    throw cli::UsageError("--id-field adds to the whole record: it and --payload exclude each other");
  if (options.input.state.on() && options.broker.qos == mqtt::Qos::at_most_once)
    throw cli::UsageError("with --state messages must be acknowledged: --qos 1 or 2");
}

cli::Exit run(const Options& options, cli::Context& context) {
  mqtt::Settings broker = options.broker.settings(context);
  // Between the halves of QoS 2 the broker holds a message that it forgets with the session.
  if (options.broker.qos == mqtt::Qos::exactly_once) broker.session = mqtt::Session::this_run;
  const PublishSettings settings{options.topic, options.payload, options.id_field, options.broker.qos,
                                 options.retain ? mqtt::Retain::yes : mqtt::Retain::no};
  if (options.input.state.on()) {
    EpochPub sink(settings, broker, context.log);
    return run_sink(sink, options.input, context);
  }
  MqttPub sink(settings, broker, context.log);
  return run_sink(sink, options.input, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "mqtt-pub", "publishes records to an MQTT broker", define_options,
                                     validate, run);
}
