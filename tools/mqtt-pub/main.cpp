// mqtt-pub: publishes records to an MQTT broker.
#include "cli/mqtt_options.hpp"
#include "mqtt_pub.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;

struct Options {
  std::string topic;
  std::string payload;
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
  app.flag("--retain", options.retain, "The broker keeps the last message of each topic for those who subscribe later");
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
}

cli::Exit run(const Options& options, cli::Context& context) {
  mqtt::Settings broker = options.broker.settings(context);
  // Between the halves of QoS 2 the broker holds a message that it forgets with the session.
  if (options.broker.qos == mqtt::Qos::exactly_once) broker.session = mqtt::Session::this_run;
  MqttPub sink(
      {options.topic, options.payload, options.broker.qos, options.retain ? mqtt::Retain::yes : mqtt::Retain::no},
      broker, [&](std::string_view words) { context.words.warn(words); });
  return run_sink(sink, options.input, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "mqtt-pub", "publishes records to an MQTT broker", define_options,
                                     validate, run);
}
