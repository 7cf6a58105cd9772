#include "rec_clean.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/decimal.hpp"
#include "record/json_text.hpp"

namespace weir::rec_clean {
namespace {

/// Reads every text of an option; what is thrown names it.
template <typename Read>
auto read_all(const char* option, const std::vector<std::string>& texts, Read read) {
  std::vector<decltype(read(std::string()))> all;
  try {
    for (const std::string& text : texts) all.push_back(read(text));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}", option, error.what()));
  }
  return all;
}

/// The settings, with what the file of --rules adds to them.
Settings with_rules(Settings settings) {
  try {
    add_rules(settings);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("--rules: {}", error.what()));
  }
  return settings;
}

/// The text of a condition, compiled.
expr::Expression condition(const std::string& text) { return expr::Expression::compile_condition(text); }

}  // namespace

RecClean::RecClean(const Settings& settings) : settings_(with_rules(settings)), left_out_(settings.strict) {
  read_schema();
  for (TypeRule& rule : read_all("--type", settings_.types, parse_type)) checks_.add_type(std::move(rule), cells_);
  for (const std::string& text : settings_.conversions)
    conversions_.add(text, settings_.parameter, settings_.value_field, cells_);
  read_ranges();
  for (SetRule& rule : read_all("--set", settings_.sets, parse_set)) {
    Bound made = cells_.bound(std::move(rule.expression));
    sets_.emplace_back(cells_.made_cell(rule.name), std::move(made));
  }
  for (const std::string& path : settings_.require) require_.push_back(cells_.cell(path));
  for (expr::Expression& each : read_all("--keep", settings_.keep, condition))
    keep_.push_back(cells_.bound(std::move(each)));
  for (expr::Expression& each : read_all("--drop", settings_.drop, condition))
    drop_.push_back(cells_.bound(std::move(each)));
  for (const RoundRule& rule : read_all("--round", settings_.rounds, parse_round))
    rounds_.emplace_back(cells_.cell(rule.field), rule.decimals);
  renames_ = read_all("--rename", settings_.renames, parse_rename);
  for (const FieldAs& each : read_all("--select", settings_.select, read_field_as))
    select_.emplace_back(cells_.cell(each.path), each.name.empty() ? FieldSet::plain_name(each.path) : each.name);
  if (!renames_.empty() && !select_.empty())
    throw std::invalid_argument("--rename does not go with --select, which has FIELD as NAME");
  if (!renames_.empty()) cells_.fields().read_members();
  read_quality();
  read_gaps();
  short_way_ = have_short_way();
}

void RecClean::read_schema() {
  if (settings_.schema_file.empty()) return;
  try {
    schema_ = std::make_unique<schema::JsonSchema>(settings_.schema_text);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("--schema: {}: {}", settings_.schema_file, error.what()));
  }
}

void RecClean::read_ranges() {
  const bool by_parameter = !settings_.parameter.empty();
  if (by_parameter) checks_.set_parameter(settings_.parameter, settings_.value_field, cells_);
  const auto parse = [](const std::string& text) { return clean::parse_range(text); };
  for (clean::RangeRule& rule : read_all("--range", settings_.ranges, parse)) {
    if (!rule.action) rule.action = settings_.out_of_range;
    if (by_parameter) {
      const std::string parameter = rule.field;
      checks_.add_range_of(parameter, std::move(rule), cells_);
    } else {
      checks_.add_range(std::move(rule), cells_);
    }
  }
}

/// Reads the tests, and what keys have of their own.
void RecClean::read_quality() {
  const auto has_tests = [](const KeyRule& rule) { return !rule.tests.empty(); };
  std::unique_ptr<Quality> quality;
  if (!settings_.quality.tests.empty() || std::ranges::any_of(settings_.key_rules, has_tests))
    quality = std::make_unique<Quality>(settings_.quality, settings_.parameter, settings_.value_field, cells_);
  for (const KeyRule& rule : settings_.key_rules) {
    try {
      const std::string key = key_of(rule, settings_.quality.by);
      if (!rule.tests.empty()) quality->add(key, rule.target, rule.tests, cells_);
      if (rule.range.empty()) continue;
      clean::RangeRule range = clean::parse_range(rule.range);
      if (!range.action) range.action = settings_.out_of_range;
      checks_.add_range_of_key(key, std::move(range), cells_);
      if (!by_) by_.emplace(settings_.quality.by, cells_.fields());
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("--rules: {}: {}", rule.place, error.what()));
    }
  }
  series_ = std::move(quality);
}

void RecClean::read_gaps() {
  if (settings_.gaps.fields.empty()) {
    if (settings_.gaps.max_gap || settings_.gaps.every)
      throw std::invalid_argument("--max-gap and --every need --fill, the fields to fill");
    return;
  }
  if (series_ != nullptr)
    throw std::invalid_argument("--fill does not go with --qc: let one rec-clean judge and the next one fill");
  if (settings_.gaps.every && (!renames_.empty() || !select_.empty()))
    throw std::invalid_argument(
        "--every does not go with --rename and --select: let the next rec-clean choose members");
  series_ = std::make_unique<Gaps>(settings_.gaps, settings_.quality, cells_);
}

void RecClean::compute() {
  for (const auto& [id, bound] : sets_) {
    const expr::Result result = cells_.evaluate(bound);
    if (result.failed()) left_out_.note_wrong(bound.expression.error_text(result));
    cells_.set_result(id, result);
  }
}

/// Whether --keep and --drop leave the record. What is unknown is neither kept nor dropped by a condition.
bool RecClean::wanted() {
  const auto holds = [&](const Bound& bound) {
    const expr::Result result = cells_.evaluate(bound);
    if (result.failed()) left_out_.note_wrong(bound.expression.error_text(result));
    return result.is_true();
  };
  for (const Bound& each : keep_)
    if (!holds(each)) return false;
  for (const Bound& each : drop_)
    if (holds(each)) return false;
  return true;
}

void RecClean::round() {
  for (const auto& [id, decimals] : rounds_) {
    const Value value = cells_.value(id);
    if (!value.number()) continue;
    token_.clear();
    append_rounded(token_, value.raw, decimals);
    if (token_ != value.raw) cells_.set_token(id, token_);
  }
}

void RecClean::write(const Record& record, std::string& lines) {
  if (!select_.empty()) {
    ObjectWriter object(lines);
    for (const auto& [id, name] : select_) object.value(name, cells_.value(id));
    return object.end();
  }
  if (!cells_.any_changed() && renames_.empty()) return append_line(lines, record.line());
  splicer_.begin(record);
  cells_.splice(splicer_);
  for (const RenameRule& rule : renames_) {
    for (const Member& member : record.members()) {
      if (member.key != rule.from) continue;
      token_.clear();
      append_json_string(token_, rule.to);
      splicer_.set({Kind::string, member.raw_key, member.raw_key}, "", token_);
    }
  }
  splicer_.write(lines);
}

/// Gathers every reason against the record, and repairs what can be.
void RecClean::check(const Record& record) {
  if (schema_ != nullptr) schema_->check(record.line(), cells_.reasons());
  checks_.check_types(cells_);
  if (!conversions_.empty()) conversions_.convert(cells_, left_out_);
  std::string_view key;
  if (by_)
    if (const Verdict verdict = by_->read(record, key); verdict.rejected()) cells_.complain(verdict.reason());
  checks_.check_ranges(cells_, key);
  compute();
  for (const CellId id : require_) {
    const Value value = cells_.value(id);
    if (!value.present())
      cells_.complain(fmt::format("{} is {}", cells_.path(id), value.kind == Kind::null ? "null" : "missing"));
    else if (settings_.not_empty && value.kind == Kind::string && value.text.empty())
      cells_.complain(fmt::format("{} is empty", cells_.path(id)));
  }
  for (const RenameRule& rule : renames_)
    for (const Member& member : record.members())
      if (member.key == rule.to) cells_.complain(fmt::format("there is a member '{}' already (--rename)", rule.to));
}

/// Whether there are no steps but checks of single values.
bool RecClean::have_short_way() const {
  return checks_.have_short_way() && schema_ == nullptr && conversions_.empty() && sets_.empty() && keep_.empty() &&
         drop_.empty() && rounds_.empty() && renames_.empty() && select_.empty() && series_ == nullptr;
}

/// Whether no check finds anything to do.
bool RecClean::is_good(const Record& record) const {
  if (!checks_.are_good(record)) return false;
  return std::ranges::all_of(require_, [&](CellId id) {
    const Value& value = record[cells_.field(id)];
    return value.present() && !(settings_.not_empty && value.text.empty());
  });
}

Verdict RecClean::on_record(const Record& record, Output& out) {
  if (short_way_ && is_good(record)) {
    append_line(out.lines, record.line());
    return Verdict::ok();
  }
  cells_.begin(record);
  left_out_.begin();
  check(record);
  if (series_ != nullptr)
    if (const Verdict verdict = series_->begin(record); verdict.rejected()) cells_.complain(verdict.reason());
  if (!cells_.reasons().empty()) return Verdict::reject(cells_.reasons());
  const bool written = wanted();
  if (Verdict verdict = left_out_.judge(true); verdict.rejected()) return verdict;
  bool followed = false;
  if (written && series_ != nullptr)
    if (Verdict verdict = series_->find(cells_, followed); verdict.rejected()) return verdict;
  left_out_.accept(out);
  if (!written) {
    ++dropped_;
    return Verdict::ok();
  }
  cells_.accept(out);
  round();
  if (followed)
    follow_and_write(record, out);
  else
    write(record, out.lines);
  return Verdict::ok();
}

/// Writes the record with its flags or with what fills its gaps, or lets it wait for them.
void RecClean::follow_and_write(const Record& record, Output& out) {
  if (series_->follow(cells_, out)) {
    line_.clear();
    write(record, line_);
    return series_->hold(line_, out);
  }
  write(record, out.lines);
  if (series_->is_late()) append_line(out.side(0), record.line());
}

void RecClean::on_watermark(Time time, Output& out) {
  if (series_ != nullptr) series_->on_watermark(time, out);
}

void RecClean::on_end(Output& out) {
  if (series_ != nullptr) series_->on_end(out);
}

void RecClean::state(StateArchive& archive) {
  archive.values(cells_, dropped_, left_out_);
  if (series_ != nullptr) series_->state(archive);
}

std::vector<NamedField> RecClean::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--select", settings_.select);
  const auto add = [&named](const Bound& bound, const std::string& use) {
    for (const std::string& path : bound.expression.fields()) named.push_back({path, use});
  };
  for (const NamedField& each : checks_.named_fields(cells_)) named.push_back(each);
  for (const NamedField& each : conversions_.named_fields()) named.push_back(each);
  if (series_ != nullptr)
    for (const NamedField& each : series_->named_fields()) named.push_back(each);
  if (!settings_.parameter.empty()) named.push_back({settings_.parameter, "--parameter"});
  for (const auto& [id, decimals] : rounds_) named.push_back({cells_.path(id), "--round"});
  for (std::size_t i = 0; i < keep_.size(); ++i) add(keep_[i], "--keep " + settings_.keep[i]);
  for (std::size_t i = 0; i < drop_.size(); ++i) add(drop_[i], "--drop " + settings_.drop[i]);
  for (std::size_t i = 0; i < sets_.size(); ++i) add(sets_[i].second, "--set " + settings_.sets[i]);
  std::erase_if(named, [this](const NamedField& each) {
    return cells_.is_made(each.path) || (!each.value.empty() && conversions_.makes(each.value));
  });
  return named;
}

CountReport RecClean::counts() const {
  CountReport report;
  const Counts& counts = cells_.counts();
  report.add(counts.converted, "number", "read from a string", Weight::work)
      .add(counts.in_other_units, "value", "converted (--convert)", Weight::work)
      .add(counts.nulled, "value", "set to null")
      .add(counts.clamped, "value", "set to the limit of its range")
      .add(counts.flagged, "value", "flagged")
      .add(dropped_, "record", "dropped (--keep, --drop)", Weight::work);
  left_out_.add_to(report);
  if (series_ != nullptr) series_->add_to(report);
  return report;
}

}  // namespace weir::rec_clean
