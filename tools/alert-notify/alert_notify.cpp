#include "alert_notify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "pipeline/rejects.hpp"
#include "record/object_writer.hpp"

namespace weir::alert_notify {
namespace {

constexpr std::chrono::seconds pause_between_looks(1);

Desk::Settings desk_settings(const AlertNotify::Settings& settings) {
  check_config(settings.config);
  Desk::Settings made;
  made.routes = settings.config.routes;
  made.inhibits = settings.config.inhibits;
  made.zone = Zone::named(settings.config.zone);
  made.max_keys = settings.max_keys;
  made.max_held = settings.max_held;
  made.max_future = settings.max_future;
  made.tells_suppressed = !settings.history.empty() || settings.print;
  return made;
}

}  // namespace

AlertNotify::AlertNotify(Settings settings)
    : settings_(std::move(settings)),
      reader_(settings_.reading, fields_),
      desk_(desk_settings(settings_), fields_),
      writer_(settings_.config.channels, settings_.config.texts) {
  desk_.set_silences(settings_.silences);
}

void AlertNotify::start(SinkHost& host) {
  host_ = &host;
  const PipelineRun* const run = host.pipeline();
  // The first run's name keeps ids apart from those of an earlier state, which services may remember.
  const std::string prefix = run != nullptr ? fmt::format("{}-{}", run->pipe, run->run.substr(0, 8)) : settings_.run;
  desk_.begin(prefix, [this](const Notice& notice) { on_notice(notice); });
  if (settings_.print) return;
  Courier::Settings made;
  for (std::size_t i = 0; i < settings_.config.channels.size(); ++i)
    made.channels.push_back(
        {settings_.config.channels[i], i < settings_.secrets.size() ? settings_.secrets[i] : Secrets(), settings_.now});
  made.retry_for = settings_.retry_for;
  made.history = settings_.history;
  if (run != nullptr) made.journal = run->folder + "/sent";
  made.now = settings_.now;
  courier_.emplace(std::move(made), host.log(), [this](const Message& message, const std::string& reason) {
    try {
      host_->reject(message.line, message.raw, reason);
    } catch (const StrictReject&) {
      if (!gives_up_) throw;  // else each of the others is a reject too, and the run ends anyway
    }
  });
}

/// Silences may change at a barrier only, with checkpoints: so an epoch that is done again is judged by one list.
void AlertNotify::look_at_silences() {
  if (!settings_.changed_silences) return;
  try {
    if (auto silences = settings_.changed_silences()) {
      host_->log().info("the silences have changed");
      desk_.set_silences(std::move(*silences));
    }
  } catch (const std::invalid_argument& problem) {
    host_->log().warn(fmt::format("{}; the silences stay as they were", problem.what()));
  }
}

void AlertNotify::look_now_and_then() {
  if (!settings_.changed_silences || gathers() || clock::now() < next_look_) return;
  next_look_ = clock::now() + pause_between_looks;
  look_at_silences();
}

Verdict AlertNotify::on_record(const Record& record) {
  look_now_and_then();
  if (const std::string id = reader_.acknowledged(record); !id.empty()) {
    if (!desk_.acknowledge(id)) return Verdict::reject(fmt::format("there is no notification {} to acknowledge", id));
    ++acknowledged_;
    return Verdict::ok();
  }
  alerts_.clear();
  if (Verdict verdict = reader_.read(record, alerts_); verdict.rejected()) return verdict;
  for (const Alert& each : alerts_) desk_.take(each, record);
  return Verdict::ok();
}

void AlertNotify::on_notice(const Notice& notice) {
  for (const std::string& channel : notice.to) {
    Message message = writer_.write(notice, channel);
    if (settings_.print) {
      print(message);
    } else if (gathers()) {
      gathered_bytes_ += message.bytes();
      gathered_.push_back(std::move(message));
    } else {
      courier_->add(std::move(message));
    }
  }
  if (writer_.missing().size() > reported_.size()) report_missing();
}

/// Reports each field that a text or topic names and an alert did not have, once.
void AlertNotify::report_missing() {
  for (const std::string& name : writer_.missing())
    if (reported_.insert(name).second)
      host_->log().warn(
          fmt::format("an alert has no field '{0}', which a text or topic names: null stands for it "
                      "({{{0}:-text}} gives another text)",
                      name));
}

void AlertNotify::print(const Message& message) {
  std::string line;
  ObjectWriter writer(line);
  writer.string("id", message.id).string("channel", message.channel).string("kind", message.kind);
  writer.string("level", message.level).string("why", message.why);
  if (!message.dedup.empty()) writer.string("dedup_key", message.dedup);
  writer.string("subject", message.subject).string("text", message.text);
  if (!message.target.empty()) writer.string("topic", message.target);
  if (!message.body.empty()) writer.raw("body", message.body);
  writer.end();
  settings_.print(line);
}

bool AlertNotify::ready() {
  if (!courier_) return true;
  const bool has_room = courier_->left_bytes() + gathered_bytes_ < settings_.max_held;
  if (has_room && courier_->left() + gathered_.size() < settings_.max_pending) return true;
  courier_->pump();
  // What is gathered goes on its way with the next barrier, which must be read.
  return courier_->left() < settings_.max_pending && courier_->left_bytes() < settings_.max_held;
}

void AlertNotify::on_pause(InputFlow) {
  look_now_and_then();
  if (courier_) courier_->pump();
}

void AlertNotify::wait(std::span<pollfd> also, WaitLimit limit) {
  look_now_and_then();
  if (settings_.changed_silences && !gathers())
    limit =
        limit < WaitLimit::zero() ? WaitLimit(pause_between_looks) : std::min(limit, WaitLimit(pause_between_looks));
  if (!courier_) return wait_for(also, limit);
  courier_->wait(also, limit);
  courier_->pump();
}

bool AlertNotify::finish() {
  on_end();
  if (!courier_) return true;
  courier_->pump();
  return courier_->left() == 0;
}

std::string AlertNotify::give_up() {
  gives_up_ = true;
  on_end();
  if (!courier_) return {};
  const Courier::Left left = courier_->give_up_all("the run was stopped");
  if (left.messages == 0) return {};
  const std::string first =
      fmt::format("{} of line {} for {} ({})", left.first.id, left.first.line, left.first.channel, left.answer);
  const bool is_kept = host_->keeps_rejects();
  if (left.messages == 1)
    return fmt::format("1 message {}: {}", is_kept ? "has not, and is a reject" : "is lost here", first);
  return fmt::format("{} messages {}; the first is {}", left.messages,
                     is_kept ? "have not, and are rejects" : "are lost here", first);
}

void AlertNotify::on_end() {
  if (!std::exchange(has_ended_, true)) desk_.end();
}

void AlertNotify::seal() {
  look_at_silences();
  for (Message& each : gathered_) courier_->add(std::move(each));
  gathered_.clear();
  gathered_bytes_ = 0;
  is_sealed_ = true;
}

void AlertNotify::state(StateArchive& archive) {
  archive.value(desk_);
  courier_->state(archive);
}

void AlertNotify::restored(LastEpoch) { is_restored_ = true; }

bool AlertNotify::carry_out(std::uint64_t) {
  if (std::exchange(is_restored_, false)) courier_->apply_journal();
  if (std::exchange(is_sealed_, false)) courier_->clear_journal();
  courier_->pump();
  return !has_ended_ || courier_->left() == 0;
}

std::vector<NamedField> AlertNotify::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--by", settings_.reading.by);
  // A level with a name of its own may be misspelt, and then the route takes nothing.
  for (const Route& route : settings_.config.routes)
    for (const std::string& level : route.levels)
      if (!is_usual_level(level)) named.push_back({"level", route.place, level});
  return named;
}

CountReport AlertNotify::counts() const {
  const Desk::Counts& counts = desk_.counts();
  CountReport report;
  report.add(counts.unrouted, "alert", "that no route takes", Weight::work)
      .add(desk_.untold(), "critical alert", "among them", Weight::lost)
      .add(counts.silenced, "alert", "silenced", Weight::work)
      .add(counts.cooled, "alert", "held back by a cooldown", Weight::work)
      .add(counts.inhibited, "alert", "held back while another one fires", Weight::work)
      .add(counts.forgotten, "alert", "not remembered (--max-keys, --max-held)");
  return report;
}

}  // namespace weir::alert_notify
