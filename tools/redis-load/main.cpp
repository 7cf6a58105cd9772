// redis-load: stores records in Redis.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "net/redis/options.hpp"
#include "pipeline/sink_main.hpp"
#include "redis_load.hpp"

namespace {

using namespace weir;
using namespace weir::redis_load;

struct Options : SinkOptions<RedisLoad> {
  redis::Options server;
  CommandList commands;
};

void define_examples(cli::App& app) {
  app.example("redis-load --hset 'city:{city}' temperature_c,humidity,timestamp --expire 1h readings.ndjson",
              "The latest reading of each city, in a hash that lives for an hour");
  app.example("redis-load --lpush 'recent:{city}' --trim 100 --publish 'live:{city}' readings.ndjson",
              "The last hundred records of each city in a list; each is also published");
  app.example("redis-load --stats 'stats:{city}' humidity --zadd dampest humidity,city readings.ndjson",
              "Count, mean and standard deviation for each city, and a sorted set of the cities");
  app.example("redis-load --xadd readings city,temperature_c,at=timestamp --trim 10000 readings.ndjson",
              "A stream of the last 10,000 readings; the time gets another name");
}

/// Declares an option whose place among the others counts; each of its values goes to `take`.
void define_step(cli::App& app, const char* name, const char* metavar, const char* help,
                 std::function<void(const std::string&)> take) {
  static std::vector<std::string> none;  // values are taken as they come
  app.option(name, none, help).metavar(metavar).set = std::move(take);
}

void define_commands(cli::App& app, CommandList& commands) {
  app.group("Commands");
  const auto command = [&](const char* name, CommandSpec::Kind kind, const char* metavar, const char* help) {
    define_step(app, name, metavar, help,
                [&commands, kind, name](const std::string& value) { commands.add(kind, name, value); });
  };
  using Kind = CommandSpec::Kind;
  command("--hset", Kind::hset, "KEY FIELD,…",
          "Set these fields of a hash; one that is missing or null is removed from it; NAME=FIELD gives a name");
  command("--set", Kind::set, "KEY", "Set a key to the record, or to the field of --value");
  command("--lpush", Kind::lpush, "KEY", "Put the record, or the field of --value, in front of a list");
  command("--zadd", Kind::zadd, "KEY SCORE,MEMBER",
          "Give a member of a sorted set its score; a time becomes seconds since 1970");
  command("--xadd", Kind::xadd, "KEY FIELD,…", "Append an entry with these fields to a stream");
  command("--publish", Kind::publish, "CHANNEL", "Publish the record, or the field of --value");
  command("--stats", Kind::stats, "KEY FIELD",
          "Keep count, mean and std (of a sample) of the field in a hash; m2 in it is for the next value");
  define_step(app, "--expire", "DURATION", "Let the key of the command before live for so long after its last record",
              [&commands](const std::string& value) { commands.expire(value); });
  define_step(app, "--trim", "N",
              "Keep so many elements of the list, sorted set (the highest scores) or stream of the command before",
              [&commands](const std::string& value) { commands.trim(value); });
  define_step(app, "--value", "FIELD", "Use this field instead of the whole record in the command before",
              [&commands](const std::string& value) { commands.value(value); });
}

void define_options(cli::App& app, Options& options) {
  define_examples(app);
  define_commands(app, options.commands);
  app.group("Batches");
  app.option("--batch", options.stage.batch, "Most records that are sent together; with --state an epoch is")
      .at_least(1)
      .at_most(100'000)
      .may_change();
  app.size_limit("--batch-bytes", options.stage.batch_bytes, "Most bytes that are sent together, without --state");
  app.option("--epoch-key", options.stage.epoch_key,
             "With --state: the key that holds the pipeline's epoch; in a cluster it has the hash tag of the others")
      .metavar("KEY")
      .default_text("weir:epoch:PIPE");
  app.option("--replicas", options.stage.replicas,
             "With --state: how many replicas must have an epoch before it counts as committed")
      .at_most(100)
      .may_change();
  options.server.define(app);
  options.input.define(app);
}

void check(Options& options) {
  options.server.validate();
  options.stage.commands = options.commands.commands();
  const bool with_state = options.input.state.on();
  if (!options.stage.epoch_key.empty() && !with_state) throw cli::UsageError("--epoch-key needs --state");
  if (options.stage.replicas > 0 && !with_state) throw cli::UsageError("--replicas needs --state");
}

void complete(Options& options, cli::Context& context) {
  options.stage.report_total = context.show_progress;
  options.stage.server.server = options.server.settings(context);
  options.stage.server.retry_for = options.server.retry_for;
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<RedisLoad, Options>(argc, argv, "redis-load", "stores records in Redis", define_options, check,
                                             complete);
}
