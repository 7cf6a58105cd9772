#include "thresh_alert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "record/object_writer.hpp"

namespace weir::thresh_alert {
namespace {

constexpr std::array<std::string_view, 8> alert_members{"timestamp", "state",     "level", "rule",
                                                        "value",     "threshold", "since", "message"};

constexpr std::size_t searches_left_out = 64;

FieldSet members_only() {
  FieldSet fields;
  fields.read_members();
  return fields;
}

Truth truth_of(const expr::Result& result) {
  if (result.type != expr::Type::boolean) return Truth::unknown;
  return result.truth ? Truth::yes : Truth::no;
}

}  // namespace

bool ThreshAlert::is_alert_member(std::string_view name) {
  return std::find(alert_members.begin(), alert_members.end(), name) != alert_members.end();
}

ThreshAlert::ThreshAlert(ThreshAlertSettings settings)
    : settings_(std::move(settings)),
      times_(settings_.time_parser),
      by_(settings_.by, fields_),
      key_parser_(members_only()),
      keys_(settings_.max_keys) {
  std::set<std::string_view> names;
  for (const Rule& rule : rules_)
    if (!names.insert(rule.name).second)
      throw RuleError(fmt::format("two rules have the name `{}`: write `NAME: …` before one", rule.name));
  bind();
}

void ThreshAlert::bind() {
  time_field_ = fields_.add(settings_.time_field);
  if (settings_.output == AlertOutput::annotate) level_field_ = fields_.add(settings_.level_field);
  for (RuleIndex i = 0; i < rules_.size(); ++i) {
    Rule& rule = rules_[i];
    for (LevelRule& level : rule.levels) {
      level.when.bind(fields_);
      if (level.clear) level.clear->bind(fields_);
    }
    for (auto* message : {&rule.message, &rule.message_resolved, &rule.message_absent})
      if (*message) (*message)->bind(fields_);
    if (rule.parameter)
      has_parameters_ = true;
    else
      always_.push_back(i);
  }
  if (has_parameters_) parameter_field_ = fields_.add(settings_.parameter_field);
  for (const Rule& each : rules_) {
    if (!each.parameter || by_parameter_.contains(*each.parameter)) continue;
    std::vector<RuleIndex>& rules = by_parameter_[*each.parameter];
    for (RuleIndex i = 0; i < rules_.size(); ++i)
      if (!rules_[i].parameter || rules_[i].parameter == each.parameter) rules.push_back(i);
  }
  seen_.resize(rules_.size() * 2);
}

const std::vector<ThreshAlert::RuleIndex>& ThreshAlert::applicable(const Record& record) {
  if (!has_parameters_) return always_;
  const Value& parameter = record[parameter_field_];
  if (!parameter.present()) return always_;
  scratch_.assign(parameter.text);
  const auto found = by_parameter_.find(scratch_);
  return found == by_parameter_.end() ? always_ : found->second;
}

/// Looks at all conditions before any state changes, so that a record that cannot be computed with leaves no trace.
Verdict ThreshAlert::evaluate(const Record& record, const std::vector<RuleIndex>& rules) {
  bool all_known = true;
  for (const RuleIndex index : rules) {
    const Rule& rule = rules_[index];
    for (std::size_t i = 0; i < rule.levels.size(); ++i) {
      const LevelRule& level = rule.levels[i];
      Seen& seen = seen_[index * 2 + i];
      const expr::Result when = level.when.test(record);
      if (when.failed()) return Verdict::reject(level.when.error_text(when));
      seen.when = truth_of(when);
      all_known = all_known && seen.when != Truth::unknown;
      if (!level.clear || settings_.memory == Memory::stateless) continue;
      const expr::Result clear = level.clear->test(record);
      if (clear.failed()) return Verdict::reject(level.clear->error_text(clear));
      seen.clear = truth_of(clear);
    }
  }
  if (!all_known) ++unknown_;
  return Verdict::ok();
}

Verdict ThreshAlert::on_record(const Record& record, Output& out) {
  const std::vector<RuleIndex>& rules = applicable(record);
  return settings_.memory == Memory::stateless ? on_stateless(record, rules, out) : on_stateful(record, rules, out);
}

Level ThreshAlert::breached(RuleIndex rule) const {
  Level worst = Level::ok;
  for (std::size_t i = 0; i < rules_[rule].levels.size(); ++i)
    if (seen_[rule * 2 + i].when == Truth::yes) worst = std::max(worst, rules_[rule].levels[i].level);
  return worst;
}

bool ThreshAlert::knows_any(const std::vector<RuleIndex>& rules) const {
  for (const RuleIndex rule : rules)
    for (std::size_t i = 0; i < rules_[rule].levels.size(); ++i)
      if (seen_[rule * 2 + i].when != Truth::unknown) return true;
  return false;
}

Verdict ThreshAlert::on_stateless(const Record& record, const std::vector<RuleIndex>& rules, Output& out) {
  const Value& at = record[time_field_];
  std::optional<Time> time;
  if (at.present()) {
    time = times_.parse(at.text);
    if (!time) return Verdict::reject(fmt::format("{} is no time", settings_.time_field));
  }
  if (Verdict verdict = by_.read(record, key_); verdict.rejected()) return verdict;
  if (Verdict verdict = evaluate(record, rules); verdict.rejected()) return verdict;
  if (settings_.output == AlertOutput::annotate) {
    Level worst = Level::ok;
    for (const RuleIndex rule : rules) worst = std::max(worst, breached(rule));
    annotate(record, worst == Level::ok && !knows_any(rules) ? std::string_view() : name_of(worst), out);
    return Verdict::ok();
  }
  for (const RuleIndex rule : rules) {
    const Level level = breached(rule);
    if (level == Level::ok) continue;
    const Time moment = time.value_or(Time::min());
    write({rule, KeyId{0}, {Level::ok, level, moment, moment}, &record}, out);
  }
  return Verdict::ok();
}

/// The current record's key, with its states; nothing when there are too many keys.
std::optional<KeyId> ThreshAlert::find_key() {
  KeyId key = keys_.find_or_add(key_);
  if (key == KeyTable<Held>::full) {
    // One pass over all keys: not again for every record when it was in vain.
    if (futile_ > 0) return --futile_, std::nullopt;
    const std::size_t before = keys_.size();
    std::vector<KeyId> quiet;
    keys_.for_each([&](KeyId each) {
      if (may_forget(each)) quiet.push_back(each);
    });
    for (const KeyId each : quiet) keys_[each].ready = false;
    forgotten_ += keys_.erase_if([](const Held& held) { return !held.ready; });
    futile_ = keys_.size() < before ? 0 : before / searches_left_out;
    key = keys_.find_or_add(key_);
    if (key == KeyTable<Held>::full) return std::nullopt;
  }
  if (Held& held = keys_[key]; !held.ready) {
    held.ready = true;
    const std::size_t end = place(0, key) + rules_.size();
    if (states_.size() < end) {
      states_.resize(end);
      generations_.resize(static_cast<std::size_t>(key) + 1);
    } else {
      std::fill_n(&state(0, key), rules_.size(), RuleState());
      ++generation(key);
    }
  }
  return key;
}

Verdict ThreshAlert::on_stateful(const Record& record, const std::vector<RuleIndex>& rules, Output& out) {
  const Value& at = record[time_field_];
  if (!at.present()) return Verdict::reject(fmt::format("no {}", settings_.time_field));
  const std::optional<Time> time = times_.parse(at.text);
  if (!time) return Verdict::reject(fmt::format("{} is no time", settings_.time_field));
  if (Verdict verdict = by_.read(record, key_); verdict.rejected()) return verdict;
  if (Verdict verdict = evaluate(record, rules); verdict.rejected()) return verdict;
  const std::optional<KeyId> found = find_key();
  if (!found) return Verdict::reject(fmt::format("a key more than --max-keys {}", settings_.max_keys));
  const KeyId key = *found;
  // Silences that came to their end before this record are told before it.
  if (const Time now = *time > Time::min() + settings_.lateness ? *time - settings_.lateness : Time::min();
      now > clock_)
    advance(now, out);

  bool late = false;
  for (const RuleIndex index : rules) {
    RuleState& each = state(index, key);
    const Rule& rule = rules_[index];
    if (each.is_late(*time)) {
      late = true;
      continue;
    }
    // Of this key itself all is known up to the record, whatever the others may still send.
    if (rule.absent && each.seen && each.shown != Level::absent && each.deadline(rule) < *time)
      notice_silence(index, key, out);
    if (const auto change =
            each.observe(rule, *time, std::span(seen_).subspan(index * std::size_t{2}, rule.levels.size())))
      if (settings_.output == AlertOutput::transitions) write({index, key, *change, &record}, out);
    if (rule.absent && !each.watched) watch(index, key);
  }
  if (late) {
    ++late_;
    if (!out.sides.empty()) {
      out.sides.front() += record.line();
      out.sides.front() += '\n';
    }
  }
  if (settings_.output == AlertOutput::annotate) {
    Level worst = Level::ok;
    for (const RuleIndex rule : rules) worst = std::max(worst, state(rule, key).shown);
    const bool known = !late && (worst != Level::ok || knows_any(rules));
    annotate(record, known ? name_of(worst) : std::string_view(), out);
  }
  return Verdict::ok();
}

void ThreshAlert::annotate(const Record& record, std::string_view level, Output& out) {
  scratch_.clear();
  if (level.empty())
    scratch_ = "null";
  else
    scratch_.append("\"").append(level).append("\"");
  splicer_.begin(record);
  splicer_.set(record[level_field_], settings_.level_field, scratch_);
  splicer_.write(out.lines);
}

void ThreshAlert::on_watermark(Time time, Output& out) {
  if (time > clock_) advance(time, out);
}

void ThreshAlert::watch(RuleIndex rule, KeyId key) {
  RuleState& each = state(rule, key);
  each.watched = true;
  deadlines_.push({each.deadline(rules_[rule]), key, rule, generation(key)});
}

/// Moves the stream's time on; keys whose deadline lies before it are absent. A deadline in the queue may have moved on
/// since.
void ThreshAlert::advance(Time time, Output& out) {
  clock_ = time;
  while (!deadlines_.empty() && deadlines_.top().time < clock_) {
    Deadline first = deadlines_.top();
    deadlines_.pop();
    if (first.generation != generation(first.key)) continue;
    RuleState& each = state(first.rule, first.key);
    each.watched = false;
    if (each.shown == Level::absent) continue;
    const Time real = each.deadline(rules_[first.rule]);
    if (real > first.time) {
      first.time = real;
      each.watched = true;
      deadlines_.push(first);
      continue;
    }
    notice_silence(first.rule, first.key, out);
  }
}

void ThreshAlert::notice_silence(RuleIndex rule, KeyId key, Output& out) {
  const Transition change = state(rule, key).fall_silent(rules_[rule]);
  if (settings_.output == AlertOutput::transitions) write({rule, key, change, nullptr}, out);
}

bool ThreshAlert::may_forget(KeyId key) const {
  for (RuleIndex i = 0; i < rules_.size(); ++i)
    if (!state(i, key).idle(rules_[i], clock_)) return false;
  return true;
}

std::string ThreshAlert::summary() const {
  std::vector<std::string> parts;
  const auto plural = [](std::uint64_t n) { return n == 1 ? "" : "s"; };
  if (late_ > 0)
    parts.push_back(
        fmt::format("{} record{} older than one before of their key: left out of the rules", late_, plural(late_)));
  if (unknown_ > 0)
    parts.push_back(fmt::format("{} record{} of which a rule could not tell, for a field missing or null", unknown_,
                                plural(unknown_)));
  if (forgotten_ > 0)
    parts.push_back(fmt::format("{} quiet key{} forgotten for new ones (--max-keys)", forgotten_, plural(forgotten_)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace weir::thresh_alert
