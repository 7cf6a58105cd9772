// mqtt-sub: subscribes to an MQTT broker and writes records.
#include <chrono>
#include <set>

#include "cli/time_options.hpp"
#include "mqtt_receiver.hpp"
#include "net/mqtt/options.hpp"
#include "pipeline/source_main.hpp"
#include "pipeline/spooled_options.hpp"

namespace {

using namespace weir;
using namespace weir::mqtt_sub;

struct Options : mqtt_sub::Settings {
  bool durable = false;
  bool raw = false;
  bool envelope = false;
  mqtt::Options connection;
};

void define_options(cli::App& app, Options& options, SourceOptions& source) {
  app.example("mqtt-pub -t demo/readings --retain readings.ndjson && mqtt-sub -t demo/readings --count 1",
              "The last reading, which the broker has kept");
  app.example(
      "mqtt-pub -t 'demo/{city}/now' --retain readings.ndjson && mqtt-sub -t 'demo/+/now' --topic-fields _,place "
      "--count 3",
      "A field from the topic's second level");
  app.example(
      "mqtt-pub -t demo/plain --payload temperature_c --retain readings.ndjson && mqtt-sub -t demo/plain --raw --stamp "
      "received --count 1",
      "A bare number becomes a record, with the time of receipt");
  app.example(
      "mqtt-pub -t demo/pack --batch 100 --retain readings.ndjson && mqtt-sub -t demo/pack --from records --count 3",
      "A message with several records: an array, or one on each line");
  app.group("Messages");
  app.option("-t,--topic", options.filters,
             "Topic filter to subscribe to; + stands for one level, # for all that follow")
      .metavar("FILTER")
      .required();
  app.option("--count", options.spooled.count, "End after this many records; with --state, of all runs")
      .at_least(1)
      .may_change();
  app.flag("--no-retained", options.no_retained, "Leave out retained messages");
  app.flag("--durable", options.durable,
           "Let the broker keep messages while this client is away; needs --client-id, and --qos 1 or 2")
      .may_change();
  app.flag("--rebirth", options.rebirth,
           "With --from sparkplug: ask a node for its birth where one is missing or messages are lost")
      .may_change();
  app.group("Records");
  app.choice("--from", options.shape.from,
             {{"json", From::json}, {"records", From::records}, {"senml", From::senml}, {"sparkplug", From::sparkplug}},
             "Format of payloads: JSON, several records of JSON, packs of SenML, or Sparkplug B");
  app.list("--topic-fields", options.shape.topic_fields,
           "Add the levels of the topic as fields of these names; _ skips a level");
  app.field("--stamp", options.shape.stamp, "Add the time of receipt as this field, unless the payload has it");
  app.flag("--raw", options.raw, "Wrap a payload that is not a JSON object: {\"topic\":…,\"payload\":…}");
  app.flag("--envelope", options.envelope, "Wrap every payload: {\"topic\":…,\"qos\":…,\"retain\":…,\"payload\":…}");
  app.choice("--nan", options.shape.nan, {{"reject", NanTokens::rejected}, {"null", NanTokens::null}},
             "NaN and infinity, which are not JSON: reject the message, or make them null");
  options.connection.define(app, mqtt::Role::subscriber);
  cli::define_source_time(app, options.shape.time, "a message");
  source.define_with_rejects(app);
  cli::define_spool_limit(app, options.spooled);
}

void check(const Options& options, const SourceOptions& source) {
  options.connection.validate();
  for (const std::string& filter : options.filters)
    if (!mqtt::is_topic_filter(filter))
      throw cli::UsageError("--topic '" + filter +
                            "' is not a topic filter: + stands for a whole level, # only at the end");
  const bool state = source.state.on();
  if (state && options.connection.qos == mqtt::Qos::at_most_once)
    throw cli::UsageError("--state needs --qos 1: at QoS 0 messages in flight at a crash are lost");
  if (state && options.connection.qos == mqtt::Qos::exactly_once)
    throw cli::UsageError(
        "--state needs --qos 1: at QoS 2 this client's part of the handshake does not survive a crash");
  if (options.durable && !state && options.connection.client_id.empty())
    throw cli::UsageError("--durable needs --client-id, which names the session at the broker");
  if (options.durable && options.connection.qos == mqtt::Qos::at_most_once)
    throw cli::UsageError("--durable needs --qos 1 or 2: the broker keeps no messages of QoS 0");
  const bool json = options.shape.from == From::json;
  if (!json && (options.raw || options.envelope))
    throw cli::UsageError("--raw and --envelope wrap payloads of --from json alone");
  if (options.rebirth && options.shape.from != From::sparkplug)
    throw cli::UsageError("--rebirth needs --from sparkplug");
  const SourceTimeFieldSettings& time = options.shape.time;
  cli::check_source_time(time);
  if (!time.fields.empty() && options.envelope)
    throw cli::UsageError("--time reads fields of a record, which --envelope wraps");
  std::set<std::string> names{std::string(control_key)};
  if (options.raw || options.envelope) names.insert({"topic", "payload", "payload_base64"});
  if (options.envelope) names.insert({"qos", "retain"});
  for (const std::string& name : options.shape.topic_fields)
    if (name != passed_over && !names.insert(name).second)
      throw cli::UsageError("--topic-fields: there are two fields named '" + name + "'");
  if (!options.shape.stamp.empty() && !names.insert(options.shape.stamp).second)
    throw cli::UsageError("--stamp: there is another field named '" + options.shape.stamp + "'");
}

std::unique_ptr<AnySource> make(const Options& options, const SourceOptions& source, cli::Context& context) {
  check(options, source);
  mqtt_sub::Settings settings = options;
  settings.qos = options.connection.qos;
  settings.shape.max_line = source.rejects.max_line;
  if (options.raw) settings.shape.wrap = Shape::Wrap::others;
  if (options.envelope) settings.shape.wrap = Shape::Wrap::envelope;
  mqtt::Settings broker = options.connection.settings(context);
  if (options.durable || source.state.on()) broker.session = mqtt::Session::persistent;
  const auto now = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  auto receiver = std::make_unique<MqttReceiver>(settings, std::move(broker), now);
  return std::make_unique<SpooledSource>(std::move(receiver), settings.spooled);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "mqtt-sub", "subscribes to an MQTT broker and writes records", define_options,
                           make);
}
