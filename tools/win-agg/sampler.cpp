#include "sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace weir::win_agg {
namespace {

constexpr std::array<Function, 5> functions_of_found{Function::count, Function::min, Function::max, Function::avg,
                                                     Function::last};

/// In a sample without a value: its field is there, and is not a number.
constexpr double wrong_number = std::numeric_limits<double>::quiet_NaN();

/// Whether a window keeps a value as it came.
bool keeps_text(Function function) {
  constexpr std::array<Function, 8> keeping{Function::first, Function::last,  Function::min,  Function::max,
                                            Function::range, Function::delta, Function::rate, Function::increase};
  return std::find(keeping.begin(), keeping.end(), function) != keeping.end();
}

}  // namespace

const Value Sampler::the_record{Kind::boolean, "true", "true"};
const Value Sampler::null_value{Kind::null, "null", "null"};
const Value Sampler::missing_value;

Sampler::Sampler(const std::vector<Aggregate>& aggregates, std::vector<std::string> not_fields, std::size_t max_fields,
                 bool strict, FieldSet& fields)
    : fields_(fields), not_fields_(std::move(not_fields)), max_fields_(max_fields), left_out_(strict) {
  for (const Aggregate& each : aggregates) (each.every_field ? found_functions_ : columns_).push_back(each);
  if (aggregates.empty()) {
    columns_.push_back({Function::count, "", default_name(name_of(Function::count), "")});
    for (const Function function : functions_of_found) found_functions_.push_back({function, "", ""});
  }
  taken_names_ = not_fields_;
  for (const Aggregate& column : columns_) taken_names_.push_back(column.name);
}

void Sampler::bind(const CellLayout& layout) {
  for (const CellLayout::Field& field : layout.fields()) {
    Named named;
    named.path = field.path;
    named.has_field = !field.path.empty();
    named.numeric = field.numeric;
    if (named.has_field) named.id = fields_.add(field.path);
    if (!field.condition.empty()) {
      const auto same = std::find_if(conditions_.begin(), conditions_.end(),
                                     [&field](const Condition& each) { return each.test.text() == field.condition; });
      named.condition = static_cast<int>(same - conditions_.begin());
      if (same == conditions_.end()) {
        conditions_.push_back({expr::Expression::compile_condition(field.condition)});
        conditions_.back().test.bind(fields_);
      }
    }
    named_.push_back(std::move(named));
  }
  samples_.resize(named_.size());
  taken_.resize(named_.size());
  if (finds()) fields_.read_members();
}

/// A condition over a value of the wrong type holds for no column; the others take the record.
void Sampler::read_named(const Record& record) {
  for (Condition& condition : conditions_) {
    const expr::Result result = condition.test.test(record);
    condition.holds = result.is_true();
    condition.is_false = result.is_false();
    if (result.failed()) left_out_.note_wrong(condition.test.error_text(result));
  }
  for (std::size_t i = 0; i < named_.size(); ++i) {
    const Named& named = named_[i];
    Sample& sample = samples_[i];
    sample.value = nullptr;
    if (named.condition >= 0 && !conditions_[static_cast<std::size_t>(named.condition)].holds) continue;
    if (named.has_field)
      read_sample(named, record[named.id], sample);
    else
      sample.value = &the_record;
  }
}

void Sampler::read_members(const Record& record, const std::string& time_field) {
  found_.clear();
  for (const Member& member : record.members()) {
    if (std::find(not_fields_.begin(), not_fields_.end(), member.key) != not_fields_.end()) continue;
    if (member.key == time_field) continue;
    const std::optional<double> number = member.value.number();
    if (!number && member.value.kind == Kind::number) left_out_.note_wrong(member.key, member.value);
    found_.push_back({&member, number});
  }
}

/// Rejects a record with a value that a window would keep as it came, and that is too long for that.
Verdict Sampler::check_lengths() const {
  for (std::size_t i = 0; i < named_.size(); ++i) {
    const bool kept =
        samples_[i].value != nullptr && std::any_of(columns_.begin(), columns_.end(), [&](const Aggregate& column) {
          return column.field == named_[i].path && keeps_text(column.function);
        });
    if (!kept) continue;
    if (Verdict verdict = check_held_text(named_[i].path, samples_[i].value->raw); verdict.rejected()) return verdict;
  }
  for (const Found& found : found_) {
    if (!found.number) continue;
    if (Verdict verdict = check_held_text(found.member->key, found.member->value.raw); verdict.rejected())
      return verdict;
  }
  return Verdict::ok();
}

bool Sampler::counts_records() const {
  return std::any_of(columns_.begin(), columns_.end(), [](const Aggregate& each) {
    return each.function == Function::count && each.field.empty() && each.condition.empty();
  });
}

/// Whether something of the record can be used; count() and a condition that is false use it, too.
bool Sampler::is_useful() const {
  return counts_records() ||
         std::any_of(conditions_.begin(), conditions_.end(), [](const Condition& each) { return each.is_false; }) ||
         std::any_of(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(named_.size()),
                     [](const Sample& sample) { return sample.value != nullptr; }) ||
         std::any_of(found_.begin(), found_.end(), [](const Found& each) { return each.number; });
}

void Sampler::report_limit(Output& out) {
  out.messages.push_back({fmt::format("more than {} numeric fields (--max-fields)", max_fields_)});
  beyond_now_ = false;
}

void Sampler::add_to(CountReport& report) const {
  left_out_.add_to(report);
  report.add(beyond_limit_, "value", fmt::format("of fields beyond the first {} left out (--max-fields)", max_fields_));
}

std::vector<NamedField> Sampler::named_fields() const {
  std::vector<NamedField> named;
  for (const Aggregate& column : columns_)
    if (!column.field.empty())
      named.push_back(
          {column.field, fmt::format("--agg {}({})", name_of(column.function, column.quantile), column.field)});
  for (const Condition& condition : conditions_)
    for (const std::string& path : condition.test.fields())
      named.push_back({path, "--agg if " + condition.test.text()});
  return named;
}

void Sampler::sample(WindowStore& store) {
  const std::size_t first_found = named_.size();
  std::fill(samples_.begin() + static_cast<std::ptrdiff_t>(first_found), samples_.end(), Sample{});
  hint_ = first_found;
  for (const Found& found : found_) {
    std::optional<std::size_t> field = field_of(found.member->key, store.layout());
    if (!field) {
      if (!found.number) continue;  // not a number so far: not a field to aggregate
      if (samples_.size() - first_found >= max_fields_) {
        beyond_now_ = ++beyond_limit_ == 1;
        continue;
      }
      field = discover(found.member->key, store);
    }
    // Of two members with the same name the last counts.
    samples_[*field] = found.number ? Sample{&found.member->value, *found.number} : Sample{};
    if (found.number || !found.member->value.present()) continue;
    samples_[*field].number = wrong_number;
    if (found.member->value.kind != Kind::number) left_out_.note_wrong(found.member->key, found.member->value);
  }
  note_found_absent();
}

void Sampler::note_found_absent() {
  static const Value missing;
  for (std::size_t i = named_.size(); i < samples_.size(); ++i) {
    if (samples_[i].value != nullptr || std::isnan(samples_[i].number)) continue;
    const std::string& name = found_columns_[(i - named_.size()) * found_functions_.size()].field;
    const auto member =
        left_out_.has_absent() ? found_.end() : std::find_if(found_.begin(), found_.end(), [&name](const Found& each) {
          return each.member->key == name;
        });
    left_out_.note_absent(name, member == found_.end() ? missing : member->member->value);
  }
}

std::optional<std::size_t> Sampler::field_of(std::string_view name, const CellLayout& layout) {
  const auto& fields = layout.fields();
  const std::size_t first_found = named_.size();
  for (std::size_t tried = first_found, i = hint_; tried < fields.size(); ++tried, ++i) {
    if (i >= fields.size()) i = first_found;
    if (fields[i].path == name) {
      hint_ = i + 1;
      return i;
    }
  }
  return std::nullopt;
}

std::size_t Sampler::discover(std::string_view name, WindowStore& store) {
  std::vector<Aggregate> columns;
  for (Aggregate column : found_functions_) {
    column.field = name;
    column.name = fmt::format("{}_{}", name, name_of(column.function, column.quantile));
    while (std::find(taken_names_.begin(), taken_names_.end(), column.name) != taken_names_.end()) column.name += '_';
    columns.push_back(std::move(column));
  }
  store.add_columns(columns);
  found_columns_.insert(found_columns_.end(), columns.begin(), columns.end());
  samples_.emplace_back();
  return samples_.size() - 1;
}

/// Found columns of a snapshot go with functions of the same list, and with names that no other column has.
void Sampler::check_found(const std::vector<Aggregate>& functions) {
  if (found_columns_.empty()) return;
  if (functions != found_functions_)
    throw SnapshotError("the state has other functions of every field in --agg; start with the same ones, or anew");
  for (const Aggregate& found : found_columns_)
    for (const Aggregate& column : columns_)
      if (found.name == column.name)
        throw SnapshotError(
            fmt::format("the state has a column '{}' that was found; name that of --agg otherwise", found.name));
  samples_.resize(named_.size() + found_columns_.size() / found_functions_.size());
}

void Sampler::state(StateArchive& archive) {
  archive.list(found_columns_, [&](Aggregate& column) {
    archive.values(column.function, column.quantile, column.carry, column.per, column.decimals, column.field,
                   column.name);
    column.every_field = true;
  });
  std::vector<Aggregate> functions = found_functions_;
  archive.value(functions);
  if (archive.loading()) check_found(functions);
  archive.values(left_out_, beyond_limit_);
}

}  // namespace weir::win_agg
