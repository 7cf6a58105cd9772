// alert-notify: sends alerts to people.
#include <memory>

#include "options.hpp"
#include "pipeline/standard_output.hpp"

namespace {

using namespace weir;
using namespace weir::alert_notify;

/// What ids begin with in a run without checkpoints: no other run has it.
std::string run_name(std::optional<Time> now) {
  const Time time = now.value_or(wall_clock());
  std::string name;
  for (const char c : format_time(std::chrono::floor<std::chrono::seconds>(time)))
    if ((c >= '0' && c <= '9') || c == 'T') name += c;
  return now ? name : fmt::format("{}-{:08x}", name, std::random_device()());
}

void complete(Options& options, cli::Context& context) {
  AlertNotify::Settings& stage = options.stage;
  options.input.strict_json = true;  // receivers may be
  stage.now = options.now.empty() ? std::nullopt : TimeParser().parse(options.now);
  stage.run = run_name(stage.now);
  if (options.dry_run) {
    const auto output = std::make_shared<StandardOutput>();
    stage.print = [output](std::string& line) { output->write(line); };
  }
  try {
    const Stop stop;
    for (ChannelSpec& each : stage.config.channels) {
      if (options.dry_run) {
        ChannelSpec copy = each;
        fill_in(copy, context);
        pace_of(copy);
        const Secrets secrets = stand_ins(copy);
        make_channel({copy, secrets, stage.now}, stop);
        continue;
      }
      fill_in(each, context);
      stage.secrets.push_back(secrets_of(each, context));
      pace_of(each);
      make_channel({each, stage.secrets.back(), stage.now}, stop);  // a mistake in it is found now
      if (each.flag("insecure"))
        context.log.warn(fmt::format("{}: insecure=true: others can read and change it on the way", each.place));
    }
  } catch (const ConfigError& problem) {
    throw cli::UsageError(problem.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return weir::sink_main<AlertNotify, Options>(
      argc, argv, "alert-notify", "sends alerts to people: mail, SMS, Slack, PagerDuty, webhooks, MQTT, programs",
      define_options, check, complete);
}
