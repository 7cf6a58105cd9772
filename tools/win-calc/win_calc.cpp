#include "win_calc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/counted.hpp"
#include "record/object_writer.hpp"
#include "record/value_checks.hpp"
#include "time/duration.hpp"
#include "time/saturating.hpp"

namespace weir::win_calc {
namespace {

/// The start of a window, written as its end.
TimeSettings start_of(TimeSettings time) {
  time.field = "window_start";
  time.max_future.reset();
  return time;
}

}  // namespace

WinCalc::WinCalc(const Settings& settings)
    : settings_(settings),
      series_name_(FieldSet::plain_name(settings_.series_field.value_or(std::string(usual_series_field)))),
      value_name_(FieldSet::plain_name(settings_.value_field)),
      start_(start_of(settings_.time), fields_),
      end_(settings_.time, fields_),
      partial_(fields_.add("partial")),
      retracted_(fields_.add("retracted")),
      rev_(fields_.add("rev")),
      group_(settings_.by, fields_),
      left_out_(settings_.strict) {
  const bool is_long = settings_.shape == Shape::long_rows;
  if (!is_long && settings_.series_field) throw std::invalid_argument("--series does not go with --wide");
  if (settings_.watermark == WatermarkOf::input) {
    if (settings_.lateness > Duration::zero())
      throw std::invalid_argument("--watermark input goes by watermark lines alone, so --lateness has no use");
    settings_.lateness = Duration::max();
  }
  for (const std::string& name : settings_.time.names()) end_names_.push_back(FieldSet::plain_name(name));
  std::vector<std::string> taken{"window_start", "window_end", "partial", "rev", end_names_.front()};
  const auto claim = [&taken](const std::string& name) {
    if (std::find(taken.begin(), taken.end(), name) != taken.end())
      throw std::invalid_argument(fmt::format("two fields of a row would be named '{}'", name));
    taken.push_back(name);
  };
  for (const std::string& name : group_.names()) claim(name);
  if (is_long) {
    series_ = fields_.add(settings_.series_field.value_or(std::string(usual_series_field)));
    claim(series_name_);
    claim(value_name_);
  }
  std::vector<std::string> names;
  for (Calculation& calculation : parse_calculations(settings_.calculations)) {
    if (!is_long) claim(calculation.name);
    if (std::find(names.begin(), names.end(), calculation.name) != names.end())
      throw std::invalid_argument(fmt::format("'{}' is calculated twice", calculation.name));
    names.push_back(calculation.name);
    Calculated& each = calculations_.emplace_back(Calculated{std::move(calculation), {}});
    for (const std::string& path : each.calculation.expression.fields()) {
      const Operand operand = operand_of(path, settings_.shape, settings_.value_field);
      auto found = std::find_if(operands_.begin(), operands_.end(),
                                [&operand](const Source& source) { return source.operand == operand; });
      if (found == operands_.end()) found = operands_.insert(found, {operand, fields_.add(operand.field)});
      const bool any_type = !each.calculation.expression.needs_number(each.operands.size());
      found->may_be_boolean = found->may_be_boolean || any_type;
      found->may_be_text = found->may_be_text || (any_type && each.calculation.expression.handles_text());
      each.operands.push_back(static_cast<std::size_t>(found - operands_.begin()));
    }
  }
}

/// Reads the row's frame and checks its values, before anything is changed.
Verdict WinCalc::read_row(const Record& record) {
  if (Verdict verdict = end_.read(record, row_end_); verdict.rejected()) return verdict;
  if (Verdict verdict = start_.read(record, row_start_); verdict.rejected()) return verdict;
  if (Verdict verdict = read_rev(record[rev_], row_rev_); verdict.rejected()) return verdict;
  choose_operands(record);
  left_out_.begin();
  bool useful = false;
  for (const std::size_t i : chosen_) {
    const Value& value = record[operands_[i].field];
    if (operands_[i].value_in(record).type != expr::Type::null)
      useful = true;
    else if (value.present())
      left_out_.note_wrong(operands_[i].operand.field, value);
  }
  return left_out_.judge(useful);
}

void WinCalc::choose_operands(const Record& record) {
  chosen_.clear();
  if (settings_.shape == Shape::wide_rows) {
    for (std::size_t i = 0; i < operands_.size(); ++i)
      if (record[operands_[i].field].kind != Kind::missing) chosen_.push_back(i);
    return;
  }
  const Value& series = record[series_];
  if (!series.present()) return;
  for (std::size_t i = 0; i < operands_.size(); ++i)
    if (operands_[i].operand.series == series.text) chosen_.push_back(i);
}

/// Whether the record needs no other: without a window, not revised, and with all operands.
bool WinCalc::is_reading(const Record& record) const {
  return settings_.shape == Shape::wide_rows && !row_start_ && chosen_.size() == operands_.size() &&
         record[rev_].kind == Kind::missing && record[partial_].kind == Kind::missing &&
         record[retracted_].kind == Kind::missing;
}

/// Takes the operands of a reading into values_.
void WinCalc::take_operands(const Calculated& each, const Record& record) {
  values_.clear();
  for (const std::size_t i : each.operands) {
    values_.push_back(operands_[i].value_in(record));
    if (values_.back().type == expr::Type::null && settings_.missing == Missing::zero)
      values_.back() = expr::Result::of(0.0);
  }
}

/// Rejects a reading of which a calculation has no result, with --strict.
Verdict WinCalc::check_reading(const Record& record) {
  if (!settings_.strict) return Verdict::ok();
  for (const Calculated& each : calculations_) {
    take_operands(each, record);
    const expr::Expression& expression = each.calculation.expression;
    const expr::Result value = expression.evaluate(std::span<const expr::Result>(values_));
    if (value.failed()) return Verdict::reject(expression.error_text(value));
  }
  return Verdict::ok();
}

void WinCalc::calculate_reading(const Record& record, std::string_view key, Output& out) {
  for (const Calculated& each : calculations_) {
    take_operands(each, record);
    evaluate(each, made_.token, out);
    write({row_end_, Time::min()}, key, reading_, each, made_, out);
  }
}

/// Rejects a row with another value than one of the same rev: neither of the two can replace the other.
Verdict WinCalc::check_against(const Group& group, const Record& record) const {
  if (group.given.empty() || record[retracted_].is_true()) return Verdict::ok();
  for (const std::size_t i : chosen_) {
    const Given& given = group.given[i];
    if (!given.came || given.rev != row_rev_ || given.partial) continue;
    const expr::Result value = operands_[i].value_in(record);
    if (value.type == expr::Type::null) continue;
    const bool same =
        value.type == given.type &&
        (value.type == expr::Type::boolean ? value.truth == (given.number != 0) : value.text == given.text);
    if (same) continue;
    const auto& [series, field] = operands_[i].operand;
    return Verdict::reject(
        fmt::format("a second value of '{}' for this key and {}, without a higher rev: name what tells them apart in "
                    "--by, or aggregate with win-agg first",
                    series.empty() ? field : series, row_start_ ? "window" : "time"));
  }
  return Verdict::ok();
}

Verdict WinCalc::on_record(const Record& record, Output& out) {
  if (Verdict verdict = read_row(record); verdict.rejected()) return verdict;
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  if (is_reading(record))
    if (Verdict verdict = check_reading(record); verdict.rejected()) return verdict;
  const auto pass = [&] {
    if (settings_.rows == Rows::passed_too) append_line(out.lines, record.line());
  };
  if (chosen_.empty()) {  // no calculation reads its series
    pass();
    return Verdict::ok();
  }
  end_name_ = end_.name_index();
  if (is_reading(record)) {
    left_out_.accept(out);
    advance(saturating_subtract(row_end_, settings_.lateness), out);
    pass();
    calculate_reading(record, key, out);
    fulfil(out);
    return Verdict::ok();
  }
  if (row_end_ < saturating_subtract(now_, settings_.allow_late)) {
    pass();
    if (++late_ == 1)
      out.messages.push_back({fmt::format("late: its window ended {} before those that are still held (--lateness, "
                                          "--allow-late)",
                                          format_duration(saturating_distance(row_end_, now_))),
                              settings_.late.weight()});
    append_line(out.side(0), record.line());
    return Verdict::ok();
  }
  advance(saturating_subtract(row_end_, settings_.lateness), out);
  const Frame frame{row_end_, settings_.match == Match::window ? row_start_.value_or(Time::min()) : Time::min()};
  const auto held = held_.try_emplace(frame, settings_.max_windows + 1).first;
  Joined& joined = held->second;
  const KeyId id = joined.groups.find_or_add(key);
  Group& group = joined.groups[id];
  if (Verdict verdict = check_against(group, record); verdict.rejected()) return verdict;
  if (group.given.empty()) {
    if (groups_ >= settings_.max_windows) {
      joined.groups.erase_if([](const Group& each) { return each.given.empty(); });
      if (joined.groups.size() == 0) held_.erase(held);
      return Verdict::reject(
          fmt::format("a new window of a key, and {} others are held (--max-windows)", settings_.max_windows));
    }
    ++groups_;
    ++joined.pending;
    group.given.resize(operands_.size());
    group.made.resize(calculations_.size());
    group.over = row_end_ < now_;
  }
  left_out_.accept(out);
  pass();
  if (take(record, joined, group)) calculate(frame, joined, id, out);
  fulfil(out);
  return Verdict::ok();
}

/// Puts the row's values into their places; false when none of them is news.
bool WinCalc::take(const Record& record, Joined& joined, Group& group) {
  const bool stands = !record[retracted_].is_true();  // a count of 0 in a retracted row is no value either
  bool news = false;
  for (const std::size_t i : chosen_) {
    Given& given = group.given[i];
    if (given.came && row_rev_ <= given.rev && !(given.partial && row_rev_ == given.rev)) continue;
    const expr::Result read = stands ? operands_[i].value_in(record) : expr::Result();
    given.type = read.type;
    given.number = read.type == expr::Type::boolean ? (read.truth ? 1 : 0) : read.number;
    given.text = read.text;
    given.rev = row_rev_;
    given.came = true;
    given.partial = record[partial_].is_true();
    news = true;
  }
  if (!news) {
    ++not_newer_;
    return false;
  }
  if (row_start_ && (!group.has_start || *row_start_ < group.start)) {
    group.start = *row_start_;
    group.has_start = true;
    joined.start = std::min(joined.start, group.start);
  }
  group.has_partial = group.has_partial || record[partial_].kind != Kind::missing;
  group.has_rev = group.has_rev || record[rev_].kind != Kind::missing;
  return true;
}

/// Writes each calculation whose result has come or changed.
void WinCalc::calculate(const Frame& frame, Joined& joined, KeyId id, Output& out) {
  Group& group = joined.groups[id];
  const bool was_pending = is_pending(group);
  for (std::size_t i = 0; i < calculations_.size(); ++i) {
    std::optional<Made> now = result(group, calculations_[i], out);
    Made& made = group.made[i];
    if (!now) continue;
    if (made.written) {
      if (now->token == made.token && now->partial == made.partial) continue;
      // A later early result replaces an earlier one without a rev, as in win-agg; a final one needs a higher rev.
      now->rev = std::max(now->rev, made.rev + (made.partial && now->rev <= made.rev ? 0 : 1));
    }
    if (!made.written && now->incomplete) ++incomplete_;
    made = std::move(*now);
    write(frame, joined.groups.key(id), group, calculations_[i], made, out);
  }
  if (was_pending && !is_pending(group)) --joined.pending;
}

/// The result, or nothing while a series is missing that may still come.
std::optional<WinCalc::Made> WinCalc::result(const Group& group, const Calculated& each, Output& out) {
  Made made;
  values_.clear();
  for (const std::size_t i : each.operands) {
    const Given& given = group.given[i];
    if (!given.came && (!group.over || settings_.missing == Missing::wait)) return std::nullopt;
    made.incomplete = made.incomplete || !given.came;
    if (given.type == expr::Type::number)
      values_.push_back(expr::Result::of(given.number, given.text));
    else if (given.type == expr::Type::string)
      values_.push_back(expr::Result::of(std::string_view(given.text)));
    else if (given.type == expr::Type::boolean)
      values_.push_back(expr::Result::of(given.number != 0));
    else
      values_.push_back(settings_.missing == Missing::zero ? expr::Result::of(0.0) : expr::Result());
    made.partial = made.partial || given.partial;
    made.rev = std::max(made.rev, given.rev);
  }
  evaluate(each, made.token, out);
  made.written = true;
  return made;
}

/// Makes the result of values_ as a JSON token.
void WinCalc::evaluate(const Calculated& each, std::string& token, Output& out) {
  const expr::Expression& expression = each.calculation.expression;
  const expr::Result value = expression.evaluate(std::span<const expr::Result>(values_));
  if (value.failed() && ++failed_ == 1)
    out.messages.push_back({expression.error_text(value) + ": " + each.calculation.name + " is null"});
  token.clear();
  expr::append_token(token, value);
}

void WinCalc::write(const Frame& frame, std::string_view key, const Group& group, const Calculated& each,
                    const Made& made, Output& out) {
  ObjectWriter row(out.lines);
  if (group.has_start) row.time("window_start", group.start);
  row.time(end_names_[end_name_], frame.end);
  group_.append_members(out.lines, key);
  std::string_view name = each.calculation.name;
  if (settings_.shape == Shape::long_rows) {
    row.string(series_name_, name);
    name = value_name_;
  }
  row.raw(name, made.token);
  if (group.has_partial) row.boolean("partial", made.partial);
  if (group.has_rev || made.rev > 0) row.integer("rev", static_cast<std::int64_t>(made.rev));
  row.end();
}

void WinCalc::state(StateArchive& archive) {
  archive.map(
      held_, [&](Joined& joined) { archive.value(joined); }, settings_.max_windows);
  archive.values(groups_, now_, end_name_, finished_, owed_, late_, not_newer_, incomplete_, failed_, left_out_);
}

std::vector<NamedField> WinCalc::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--by", settings_.by);
  if (settings_.shape == Shape::long_rows) named.push_back({fields_.path(series_), "--series"});
  for (const Source& source : operands_) named.push_back({source.operand.field, calculation_with(source)});
  return named;
}

/// The first calculation that reads an operand.
std::string WinCalc::calculation_with(const Source& source) const {
  for (const Calculated& each : calculations_)
    for (const std::size_t i : each.operands)
      if (&operands_[i] == &source)
        return fmt::format("--calc {} = {}", each.calculation.name, each.calculation.expression.text());
  return "--calc";
}

CountReport WinCalc::counts() const {
  CountReport report;
  report
      .add(incomplete_, "result",
           settings_.missing == Missing::wait ? "left out for want of a series" : "for which a series was missing")
      .add_late(late_, "row", "of windows no longer held ", settings_.late)
      .add(not_newer_, "row", "left out, no newer than the one in their place (rev)")
      .add(failed_, "result", "null because a value was of the wrong type");
  left_out_.add_to(report);
  return report;
}

}  // namespace weir::win_calc
