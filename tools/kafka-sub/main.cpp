// kafka-sub: reads messages from Kafka and writes records.
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>

#include "cli/time_options.hpp"
#include "kafka_sub.hpp"
#include "net/kafka/options.hpp"
#include "pipeline/source_main.hpp"
#include "place_options.hpp"
#include "schema_options.hpp"

namespace {

using namespace weir;
using namespace weir::kafka_sub;

struct Options : kafka_sub::Settings {
  std::string begin;
  std::string until;
  std::string shard_text;
  std::vector<std::string> partition_list;
  std::optional<Duration> watermark_lateness;
  std::optional<Duration> idle;
  bool raw = false;
  bool envelope = false;
  bool allow_gap = false;
  kafka::Options brokers;
  SchemaOptions schema;
};

void define_options(cli::App& app, Options& options, SourceOptions& source) {
  app.example("kafka-pub -t weather readings.ndjson && kafka-sub -t weather --from start --until end",
              "Everything that the topic has");
  app.example(
      "kafka-pub -t cities -k city readings.ndjson && kafka-sub -t cities --from start --until end --meta 'key as "
      "town,offset' --count 3",
      "With the message's key and offset as fields");
  app.example(
      "kafka-pub -t binary --avro-schema reading.avsc readings.ndjson && kafka-sub -t binary --from start --until end "
      "--avro-schema reading.avsc --count 3",
      "Messages in Avro, by the schema in a file");
  app.group("Messages");
  app.option("-t,--topic", options.topics, "Topic; one that begins with ^ is a regular expression").required();
  app.option("--look-every", options.look_every, "How often topics and partitions that have come are looked for")
      .may_change();
  app.option("--group", options.consumer.group,
             "Group in which offsets are committed, for monitors and --from committed")
      .metavar("NAME")
      .may_change();
  app.option("--from", options.begin,
             "Where a first run begins: start, end, committed (in --group, else start), a time such as "
             "2026-07-01T00:00:00Z, or an offset for each partition: 0:1500,1:1498")
      .metavar("PLACE")
      .default_text("committed with --group, else end")
      .may_change();
  app.option("--until", options.until, "Take `end`: the run ends where each partition ended when it began")
      .metavar("end")
      .may_change();
  app.option("--count", options.count, "End after this many records; with --state, of all runs")
      .at_least(1)
      .may_change();
  app.list("--partitions", options.partition_list, "Read these partitions only").metavar("N,…");
  app.option("--shard", options.shard_text, "Read the k-th of N parts of the partitions")
      .metavar("K/N")
      .env("WEIR_SHARD");
  app.choice(
      "--isolation", options.consumer.isolation,
      {{"read_committed", kafka::Isolation::read_committed}, {"read_uncommitted", kafka::Isolation::read_uncommitted}},
      "Messages of transactions: once they are committed, or at once");
  app.flag("--allow-gap", options.allow_gap,
           "With --state: continue where the brokers have removed messages that were not read")
      .may_change();
  app.group("Records");
  app.list("--meta", options.shape.meta,
           "Add these as fields: topic, partition, offset, timestamp, key, headers, each with 'as NAME' or not")
      .metavar("NAME,…");
  app.flag("--raw", options.raw, "Wrap a payload that is not a JSON object: {\"topic\":…,\"payload\":…}");
  app.flag("--envelope", options.envelope,
           "Wrap every payload: {\"topic\":…,\"partition\":…,\"offset\":…,\"timestamp\":…,\"key\":…,\"payload\":…}");
  app.choice("--nan", options.shape.nan, {{"reject", NanTokens::rejected}, {"null", NanTokens::null}},
             "NaN and infinity, which are not JSON: reject the message, or make them null");
  cli::define_source_time(app, options.shape.time, "a message");
  app.option("--watermark", options.watermark_lateness,
             "Write watermarks: the least over the partitions of the greatest time read, minus this")
      .metavar("DURATION");
  app.option("--producers", options.producers,
             "Write the watermarks that so many pipelines wrote with kafka-pub --watermarks: the least over them and "
             "the partitions")
      .metavar("N")
      .at_least(1)
      .at_most(10'000);
  app.option("--idle", options.idle,
             "With --watermark, a partition with nothing to read for so long holds it back no more")
      .default_text("10s");
  options.schema.define(app);
  options.brokers.define(app);
  source.define_with_rejects(app);
}

/// Options that would have no effect. Throws cli::UsageError.
void check_together(const Options& options, const SourceOptions& source) {
  if (options.allow_gap && !source.state.on())
    throw cli::UsageError("--allow-gap needs --state: without it a gap is reported, and the reading goes on");
  if (options.idle && !options.watermark_lateness) throw cli::UsageError("--idle needs --watermark");
  if (options.raw && options.envelope)
    throw cli::UsageError("--raw wraps payloads that are not objects, --envelope all: not both");
  if (options.envelope && !options.shape.meta.empty())
    throw cli::UsageError("--meta adds fields to a record; --envelope has all of them beside the payload");
}

std::unique_ptr<AnySource> make(const Options& options, const SourceOptions& source, cli::Context& context) {
  options.brokers.validate();
  options.schema.validate(options.brokers.net.insecure);
  Settings settings = options;
  set_begin(settings, options.begin);
  if (!options.until.empty() && options.until != "end") throw cli::UsageError("--until takes `end`");
  if (!options.until.empty()) settings.until = Until::end;
  set_share(settings, options.partition_list, options.shard_text);
  check_together(options, source);
  settings.gap = options.allow_gap ? Gap::allowed : Gap::refused;
  settings.shape.max_line = source.rejects.max_line;
  if (options.raw) settings.shape.wrap = Shape::Wrap::others;
  if (options.envelope) settings.shape.wrap = Shape::Wrap::envelope;
  cli::check_source_time(settings.shape.time);
  if (!settings.shape.time.fields.empty() && options.envelope)
    throw cli::UsageError("--time reads fields of a record, which --envelope wraps");
  if (options.watermark_lateness && options.producers > 0)
    throw cli::UsageError(
        "--watermark goes by the records' times, --producers by what their writers promise: not both");
  if (options.watermark_lateness) {
    if (options.raw || options.envelope)
      throw cli::UsageError("--watermark reads the time of records, which --raw and --envelope wrap");
    settings.watermark.emplace().lateness = *options.watermark_lateness;
    if (options.idle) settings.watermark->idle = *options.idle;
    settings.shape.time.reads_always = true;
  }
  settings.schemas = options.schema.source(context, options.brokers.retry_for);
  settings.consumer.connection = options.brokers.settings(context);
  return std::make_unique<KafkaSub>(std::move(settings),
                                    [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); });
}

}  // namespace

int main(int argc, char** argv) {
  return weir::source_main(argc, argv, "kafka-sub", "reads messages from Kafka and writes records", define_options,
                           make);
}
