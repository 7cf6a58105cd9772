// mqtt-sub: subscribes to an MQTT broker and writes records.
#include <chrono>
#include <set>

#include "mqtt_sub.hpp"
#include "net/mqtt/options.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run.hpp"
#include "spooled_sub.hpp"

namespace {

using namespace weir;
using namespace weir::mqtt_sub;

struct Options {
  std::vector<std::string> filters;
  bool durable = false;
  bool no_retained = false;
  std::optional<std::uint64_t> count;
  bool raw = false;
  bool envelope = false;
  std::vector<std::string> topic_fields;
  std::string stamp;
  InputOptions checks;  // how bad payloads are treated; it reads no files
  mqtt::Options broker;
  SourceOptions source;
  std::uint64_t spool_limit = state::SpoolLimits().total;
};

void define_options(cli::App& app, Options& options) {
  app.example("mqtt-pub -t demo/readings --retain readings.ndjson && mqtt-sub -t demo/readings --count 1",
              "The last reading, which the broker has kept");
  app.example(
      "mqtt-pub -t 'demo/{city}/now' --retain readings.ndjson && mqtt-sub -t 'demo/+/now' --topic-fields _,place "
      "--count 3",
      "A field from the topic's second level");
  app.example(
      "mqtt-pub -t demo/plain --payload temperature_c --retain readings.ndjson && mqtt-sub -t demo/plain --raw --stamp "
      "received --count 1",
      "A bare number becomes a record, with the time it came");
  app.group("Messages");
  app.option("-t,--topic", options.filters, "Topic filter to subscribe to; + stands for a level, # for the rest")
      .metavar("FILTER")
      .required();
  app.option("--count", options.count, "End after so many records; with --state, in all runs").at_least(1).may_change();
  app.flag("--no-retained", options.no_retained, "Leave out what the broker kept from before the subscription");
  app.flag("--durable", options.durable,
           "Let the broker keep what comes while this client is away; needs --client-id, and --qos 1 or 2")
      .may_change();
  app.group("Records");
  app.list("--topic-fields", options.topic_fields,
           "Add the topic's levels as fields of these names; _ passes a level over");
  app.option("--stamp", options.stamp, "Add the time of receipt under this name where the payload has no such field")
      .metavar("FIELD");
  app.flag("--raw", options.raw, "Wrap a payload that is no JSON object: {\"topic\":…,\"payload\":…}");
  app.flag("--envelope", options.envelope, "Wrap every payload: {\"topic\":…,\"qos\":…,\"retain\":…,\"payload\":…}");
  options.broker.define(app, mqtt::Role::subscriber);
  options.checks.define_checks(app);
  options.source.define(app);
  app.size("--spool-limit", options.spool_limit,
           "With --state: so much may be stored that the sink has not committed; then nothing is received")
      .at_least(1 << 20)
      .may_change();
}

void validate(const Options& options) {
  options.broker.validate();
  for (const std::string& filter : options.filters)
    if (!mqtt::is_topic_filter(filter))
      throw cli::UsageError("--topic '" + filter +
                            "' is no topic filter: + stands for a whole level, # only at the end");
  const bool state = options.source.state.on();
  if (state && options.broker.qos == mqtt::Qos::at_most_once)
    throw cli::UsageError("--state needs --qos 1: at QoS 0 what is on its way at a crash is lost");
  if (state && options.broker.qos == mqtt::Qos::exactly_once)
    throw cli::UsageError("--state needs --qos 1: at QoS 2 a crash takes this client's part of the exchange with it");
  if (options.durable && !state && options.broker.client_id.empty())
    throw cli::UsageError("--durable needs --client-id, by which the broker knows who comes back");
  if (options.durable && options.broker.qos == mqtt::Qos::at_most_once)
    throw cli::UsageError("--durable needs --qos 1 or 2: at QoS 0 nothing is kept");
  std::set<std::string> names;
  if (options.raw || options.envelope) names = {"topic", "payload", "payload_base64"};
  if (options.envelope) names.insert({"qos", "retain"});
  for (const std::string& name : options.topic_fields)
    if (name != passed_over && !names.insert(name).second)
      throw cli::UsageError("--topic-fields: there are two fields named '" + name + "'");
  if (!options.stamp.empty() && !names.insert(options.stamp).second)
    throw cli::UsageError("--stamp: there is another field named '" + options.stamp + "'");
}

SubscribeSettings settings_of(const Options& options) {
  SubscribeSettings settings;
  settings.filters = options.filters;
  settings.qos = options.broker.qos;
  settings.count = options.count;
  if (options.no_retained) settings.retained = Retained::left_out;
  settings.shape.wrap = options.envelope ? Shape::Wrap::envelope
                        : options.raw    ? Shape::Wrap::others
                                         : Shape::Wrap::none;
  settings.shape.topic_fields = options.topic_fields;
  settings.shape.stamp = options.stamp;
  settings.shape.max_line = options.checks.max_line;
  settings.shape.checking = options.checks.checking();
  return settings;
}

cli::Exit run(const Options& options, cli::Context& context) {
  mqtt::Settings broker = options.broker.settings(context);
  const bool state = options.source.state.on();
  if (options.durable || state) broker.session = mqtt::Session::persistent;
  const SubscribeSettings settings = settings_of(options);
  const auto now = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
  if (state) {
    SpooledSub source(settings, broker, {.total = options.spool_limit}, context.log, now);
    const cli::Exit exit = run_source(source, options.source, options.checks, context);
    source.farewell();
    return exit;
  }
  Rejects rejects(options.checks, context);
  MqttSub source(settings, broker,
                 {.rejects = rejects, .keep_rejects = [&] { rejects.flush(); }, .log = context.log, .now = now});
  const cli::Exit exit = run_source(source, options.source, context);
  source.farewell();
  const cli::Exit rejected = rejects.finish();
  return exit == cli::Exit::done ? rejected : exit;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "mqtt-sub", "subscribes to an MQTT broker and writes records",
                                     define_options, validate, run);
}
