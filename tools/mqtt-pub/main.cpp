// mqtt-pub: publishes records to an MQTT broker.
#include "mqtt_pub.hpp"
#include "net/mqtt/options.hpp"
#include "pipeline/sink_main.hpp"

namespace {

using namespace weir;
using weir::mqtt_pub::MqttPub;

struct Options : SinkOptions<MqttPub> {
  mqtt::Options broker;
};

void define_options(cli::App& app, Options& options) {
  app.example("mqtt-pub -t weather/readings readings.ndjson",
              "Publish each record, and end when the broker has acknowledged all");
  app.example("mqtt-pub -t 'weather/{city}/now' --retain readings.ndjson",
              "A topic for each city, which keeps the last reading");
  app.example("mqtt-pub -t 'sensors/{location.room:-hall}' --qos 0 readings.ndjson",
              "A nested field with a default; no acknowledgements");
  app.example("mqtt-pub -t weather/packs --batch 100 readings.ndjson",
              "Up to 100 readings in a message: a JSON array of those that are there together");
  app.group("Messages");
  app.option("-t,--topic", options.stage.topic,
             "Topic, in which {field} stands for a field's value and {field:-text} gives a default")
      .required();
  app.field("--payload", options.stage.payload, "Publish the value of this field instead of the whole record");
  app.option("--id-field", options.stage.id_field, "With --state: add the message's id to the record as this field")
      .metavar("NAME");
  app.flag("--retain", options.stage.retain, "Let the broker keep the last message of each topic for later subscribers")
      .may_change();
  app.option("--batch", options.stage.batch, "Send arrays: most records in a message; less are sent when input pauses")
      .at_least(1)
      .at_most(100'000)
      .default_text("each record alone, without an array")
      .may_change();
  app.size_limit("--batch-bytes", options.stage.batch_bytes,
                 "With --batch: most bytes of a message; a longer record goes alone");
  options.broker.define(app, mqtt::Role::publisher);
  options.input.define(app);
}

void check(Options& options) {
  options.broker.validate();
  const bool with_state = options.input.state.on();
  if (!options.stage.id_field.empty() && !with_state) throw cli::UsageError("--id-field needs --state");
  if (with_state && options.broker.qos == mqtt::Qos::at_most_once)
    throw cli::UsageError("with --state messages must be acknowledged: --qos 1 or 2");
}

void complete(Options& options, cli::Context& context) {
  options.stage.qos = options.broker.qos;
  options.input.strict_json = true;  // subscribers may be
  options.stage.broker = options.broker.settings(context);
  // Between the halves of QoS 2 the broker holds a message that it forgets with the session.
  if (options.broker.qos == mqtt::Qos::exactly_once) options.stage.broker.session = mqtt::Session::this_run;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<MqttPub, Options>(argc, argv, "mqtt-pub", "publishes records to an MQTT broker",
                                           define_options, check, complete);
}
