#include "thresh_alert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "record/counted.hpp"
#include "record/object_writer.hpp"
#include "rules_file.hpp"
#include "time/saturating.hpp"

namespace weir::thresh_alert {
namespace {

/// A search for quiet keys that finds none costs a pass over all keys, so only one in this many records may search
/// again.
constexpr std::size_t searches_skipped = 64;

Truth truth_of(const expr::Result& result) {
  if (result.type != expr::Type::boolean) return Truth::unknown;
  return result.truth ? Truth::yes : Truth::no;
}

bool can_change_by_time(const Rule& rule) {
  const auto waits = [](const LevelRule& level) {
    return std::max({level.hold, level.clear_hold, level.keep}) > Duration(0);
  };
  return rule.absent || rule.cooldown > Duration(0) || std::any_of(rule.levels.begin(), rule.levels.end(), waits);
}

/// Throws RuleError on an invalid rule, without any rule, and on two rules of one name.
std::vector<Rule> rules_of(const Settings& settings) {
  std::vector<Rule> rules = make_rules(settings.rules);
  if (!settings.rules_file.empty())
    for (Rule& rule : read_rules(settings.rules_text, settings.rules_file, settings.value_field))
      rules.push_back(std::move(rule));
  if (rules.empty()) throw RuleError("no rule: give --rule, --warn, --crit, --absent or --rules");
  std::set<std::string_view> names;
  for (const Rule& rule : rules)
    if (!names.insert(rule.name).second)
      throw RuleError(fmt::format("two rules have the name `{}`: write `NAME: …` before one", rule.name));
  return rules;
}

/// Without memory no record depends on the time of another.
TimeSettings time_of(const Settings& settings) {
  TimeSettings time = settings.time;
  if (settings.memory == Memory::stateless) time.max_future.reset();
  return time;
}

}  // namespace

ThreshAlert::ThreshAlert(const Settings& settings)
    : LateFilter(time_of(settings), settings.late),
      settings_(settings),
      rules_(rules_of(settings)),
      by_(settings.by, fields_),
      writer_(settings, by_),
      keys_(settings.max_keys) {
  for (const std::string& field : settings.by)
    if (AlertWriter::is_member(field))
      throw std::invalid_argument("--by " + field + ": an alert has a member of that name already");
  bind();
}

void ThreshAlert::bind() {
  if (settings_.output == AlertOutput::annotate) level_field_ = fields_.add(settings_.level_field);
  for (RuleIndex i = 0; i < rules_.size(); ++i) {
    Rule& rule = rules_[i];
    for (LevelRule& level : rule.levels) {
      level.when.bind(fields_);
      if (level.clear) level.clear->bind(fields_);
    }
    for (auto* message : {&rule.message, &rule.message_resolved, &rule.message_absent})
      if (*message) (*message)->bind(fields_);
    rule.timed = can_change_by_time(rule);
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
  held_parser_.emplace(fields_);
}

const std::vector<ThreshAlert::RuleIndex>& ThreshAlert::applicable(const Record& record) {
  if (!has_parameters_) return always_;
  const Value& parameter = record[parameter_field_];
  if (!parameter.present()) return always_;
  scratch_.assign(parameter.text);
  const auto found = by_parameter_.find(scratch_);
  return found == by_parameter_.end() ? always_ : found->second;
}

/// Evaluates all conditions before any state changes, so that a rejected record leaves no trace. A condition over a
/// value of the wrong type is unknown; the record is rejected when no condition can be used.
Verdict ThreshAlert::evaluate(const Record& record, const std::vector<RuleIndex>& rules) {
  unknown_rule_ = nullptr;
  failed_ = nullptr;
  bool useful = false;
  const auto truth = [&](const expr::Expression& condition) {
    const expr::Result result = condition.test(record);
    if (result.failed() && failed_ == nullptr) {
      failed_ = &condition;
      failure_ = result;
    }
    return truth_of(result);
  };
  for (const RuleIndex index : rules) {
    const Rule& rule = rules_[index];
    useful = useful || rule.levels.empty();
    for (std::size_t i = 0; i < rule.levels.size(); ++i) {
      const LevelRule& level = rule.levels[i];
      Seen& seen = seen_[index * 2 + i];
      seen.when = truth(level.when);
      useful = useful || seen.when != Truth::unknown;
      if (seen.when == Truth::unknown && unknown_rule_ == nullptr) unknown_rule_ = &rule;
      if (level.clear && settings_.memory != Memory::stateless) seen.clear = truth(*level.clear);
    }
  }
  if (failed_ != nullptr && (!useful || settings_.strict)) return Verdict::reject(failed_->error_text(failure_));
  return Verdict::ok();
}

/// Counts a record for which a rule cannot tell, and reports the first.
void ThreshAlert::count_unknown(const Record& record, Output& out) {
  if (failed_ != nullptr) {
    if (++wrong_type_ == 1) out.messages.push_back({failed_->error_text(failure_) + ": its rule cannot tell"});
  } else if (unknown_rule_ != nullptr && ++unknown_ == 1) {
    out.messages.push_back({fmt::format("rule {} cannot tell: {}", unknown_rule_->name, unknown_cause(record))});
  }
}

std::string ThreshAlert::unknown_cause(const Record& record) const {
  for (const LevelRule& level : unknown_rule_->levels)
    for (const std::string& path : level.when.fields())
      if (const Value& value = record[*fields_.find(path)]; !value.present())
        return fmt::format("{} is {}", path, value.kind == Kind::null ? "null" : "missing");
  return "its condition has no value";
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
  std::optional<Time> time;
  if (Verdict verdict = time_.read(record, time); verdict.rejected()) return verdict;
  if (Verdict verdict = by_.read(record, key_); verdict.rejected()) return verdict;
  if (Verdict verdict = evaluate(record, rules); verdict.rejected()) return verdict;
  count_unknown(record, out);
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
    writer_.write({rules_[rule], {Level::ok, level, moment, moment}, key_, &record}, out);
  }
  return Verdict::ok();
}

/// The states of the current record's key; nothing when a new key has no room.
std::optional<KeyId> ThreshAlert::find_key() {
  KeyId key = keys_.find_or_add(key_);
  if (key == KeyTable<Held>::full) {
    if (!make_room()) return std::nullopt;
    key = keys_.find_or_add(key_);
    if (key == KeyTable<Held>::full) return std::nullopt;
  }
  if (!keys_[key].ready) renew_states(key);
  return key;
}

/// Removes all quiet keys. Returns false without a search, soon after one that found none.
bool ThreshAlert::make_room() {
  if (searches_to_skip_ > 0) {
    --searches_to_skip_;
    return false;
  }
  const std::size_t before = keys_.size();
  std::vector<KeyId> quiet;
  keys_.for_each([&](KeyId each) {
    if (may_forget(each)) quiet.push_back(each);
  });
  for (const KeyId each : quiet) keys_[each].ready = false;
  forgotten_ += keys_.erase_if([](const Held& held) { return !held.ready; });
  searches_to_skip_ = keys_.size() < before ? 0 : before / searches_skipped;
  return true;
}

/// Gives a new key its own states.
void ThreshAlert::renew_states(KeyId key) {
  keys_[key].ready = true;
  const std::size_t end = place(0, key) + rules_.size();
  if (states_.size() < end) {
    states_.resize(end);
    return;
  }
  for (RuleIndex i = 0; i < rules_.size(); ++i) {
    RuleState& each = rule_state(i, key);
    held_.release(each.held);
    each = RuleState();
  }
}

Verdict ThreshAlert::on_stateful(const Record& record, const std::vector<RuleIndex>& rules, Output& out) {
  Time time;
  if (Verdict verdict = time_.read(record, time); verdict.rejected()) return verdict;
  if (Verdict verdict = by_.read(record, key_); verdict.rejected()) return verdict;
  if (Verdict verdict = evaluate(record, rules); verdict.rejected()) return verdict;
  if (Verdict verdict = check_length(record, rules); verdict.rejected()) return verdict;
  const std::optional<KeyId> found = find_key();
  if (!found) return GroupKey::refuse_new(settings_.max_keys);
  const KeyId key = *found;
  count_unknown(record, out);
  // Changes that were due before this record are written before it.
  if (const Time now = saturating_subtract(time, settings_.lateness); now > now_) advance(now, out);

  bool late = false;
  for (const RuleIndex index : rules) {
    RuleState& each = rule_state(index, key);
    const Rule& rule = rules_[index];
    if (each.is_late(time)) {
      late = true;
      continue;
    }
    // The key's own records come in order, so what is due before this one is certain whatever other keys may send.
    while (each.next < time) pass(index, key, out);
    if (const auto change =
            each.observe(rule, time, std::span(seen_).subspan(index * std::size_t{2}, rule.levels.size())))
      if (settings_.output == AlertOutput::transitions) writer_.write({rule, *change, key_, &record}, out);
    if (rule.timed) wait(index, key, record);
  }
  if (late) {
    set_aside(record, out, [] { return "late: older than another record of its key, and left out of the rules"; });
  }
  if (settings_.output == AlertOutput::annotate) {
    Level worst = Level::ok;
    for (const RuleIndex rule : rules) worst = std::max(worst, rule_state(rule, key).shown);
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
  had_watermark_ = true;
  if (time > now_) advance(time, out);
}

/// Notes when a state is due to change, and keeps the record from which that will be written.
void ThreshAlert::wait(RuleIndex index, KeyId key, const Record& record) {
  const std::size_t at = place(index, key);
  const Rule& rule = rules_[index];
  RuleState& each = states_[at];
  const Time level_due = each.level_due(rule);
  if (each.set_next(rule, level_due) != never) due_.bring_forward(at, each.next);
  if (level_due == never)
    held_.release(each.held);
  else if (settings_.output == AlertOutput::transitions && each.newest_known(rule))
    held_.hold(each.held, record.line());
}

/// Advances the stream's time: states that are due before it change. A state may be due later than the queue has it.
void ThreshAlert::advance(Time time, Output& out) {
  now_ = time;
  while (!due_.empty() && due_.first().time < now_) {
    const auto [queued, place] = due_.first();
    const auto rule = static_cast<RuleIndex>(place % rules_.size());
    const KeyId key{static_cast<std::uint32_t>(place / rules_.size())};
    const RuleState& each = rule_state(rule, key);
    if (each.next == queued) pass(rule, key, out);
    if (each.next != never)
      due_.postpone_first(each.next);
    else
      due_.remove_first();
  }
}

/// Changes a state whose time has come.
void ThreshAlert::pass(RuleIndex rule, KeyId key, Output& out) {
  RuleState& each = rule_state(rule, key);
  if (const auto change = each.pass(rules_[rule]); change && settings_.output == AlertOutput::transitions)
    write_change(rule, key, *change, out);
  const Time level_due = each.level_due(rules_[rule]);
  each.set_next(rules_[rule], level_due);
  if (level_due == never) held_.release(each.held);
}

/// Writes a change that no record has caused: from the last known record, or without one for an absence.
void ThreshAlert::write_change(RuleIndex rule, KeyId key, const Transition& change, Output& out) {
  const RuleState& each = rule_state(rule, key);
  const Record* record = nullptr;
  if (change.to != Level::absent && each.held != HeldRecords::none)
    record = held_parser_->parse_copy(held_.line(each.held), 0);
  writer_.write({rules_[rule], change, keys_.key(key), record}, out);
}

bool ThreshAlert::may_forget(KeyId key) const {
  for (RuleIndex i = 0; i < rules_.size(); ++i)
    if (!rule_state(i, key).idle(rules_[i], now_)) return false;
  return true;
}

void ThreshAlert::state(StateArchive& archive) {
  check_rules(archive);
  archive.values(keys_, states_, due_, held_);
  archive.values(had_watermark_, now_, forgotten_, searches_to_skip_, late_, unknown_, wrong_type_);
}

/// The rules of a file are checked here, because they are not among the options of a snapshot.
void ThreshAlert::check_rules(StateArchive& archive) const {
  std::vector<std::string> names;
  for (const Rule& rule : rules_) names.push_back(rule.name);
  std::vector<std::string> saved = names;
  archive.value(saved);
  if (saved != names)
    throw SnapshotError("the state is that of other rules; start with the same ones, or with a new state folder");
}

std::vector<NamedField> ThreshAlert::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--by", settings_.by);
  for (const Rule& rule : rules_) {
    for (const LevelRule& level : rule.levels) {
      const std::string use =
          fmt::format("rule {}", rule.name == level.when.text() ? rule.name : rule.name + ": " + level.when.text());
      for (const std::string& path : level.when.fields()) named.push_back({path, use});
      if (level.clear)
        for (const std::string& path : level.clear->fields()) named.push_back({path, use});
    }
    for (const auto* message : {&rule.message, &rule.message_resolved, &rule.message_absent})
      if (*message)
        for (const std::string& path : (*message)->needed_fields())
          named.push_back({path, "the message of rule " + rule.name});
  }
  if (has_parameters_) named.push_back({settings_.parameter_field, "--parameter-field"});
  for (const auto& [parameter, rules] : by_parameter_)
    named.push_back({settings_.parameter_field, "--rules", parameter});
  return named;
}

CountReport ThreshAlert::counts() const {
  const bool watches = std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return rule.absent; });
  CountReport counts;
  if (settings_.output == AlertOutput::annotate)
    add_late_written(counts, "late record", "older than another of their key: written, not tested");
  else
    add_late(counts, "late record", "older than another of their key: ");
  counts.add(unknown_, "record", "with a field missing or null that a rule needs")
      .add(wrong_type_, "record", "with a value of the wrong type for a rule")
      .add(forgotten_, "quiet key", "forgotten for new ones (--max-keys)", Weight::work);
  if (watches && !had_watermark_)
    counts.remark("no watermark came, so a silence of all keys goes unnoticed (--heartbeat of the source)");
  return counts;
}

}  // namespace weir::thresh_alert
