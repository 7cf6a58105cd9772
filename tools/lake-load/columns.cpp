#include "columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "record/field_as.hpp"
#include "record/value_checks.hpp"

namespace weir::lake_load {
namespace {

const Value missing_value{};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The lines of a text without comments and blanks.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto newline = text.find('\n');
    std::string line(text.substr(0, newline));
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    line.resize(line.find_last_not_of(" \t\r") + 1);
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.empty() && line.front() != '#') lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

Columns::Columns(ColumnSettings settings, FieldSet& fields, const std::vector<std::string>& partitions,
                 const std::vector<std::string>& own, ValueReader& values)
    : settings_(std::move(settings)), values_(values), partitions_(partitions), own_(own) {
  for (const std::string& each : settings_.types) {
    const auto equals = each.rfind('=');
    if (equals == std::string::npos || equals == 0)
      throw std::invalid_argument(fmt::format("--type: '{}' is not FIELD=TYPE", each));
    try {
      given_.emplace_back(each.substr(0, equals), ColumnType::parse(std::string_view(each).substr(equals + 1)));
    } catch (const std::invalid_argument& problem) {
      throw std::invalid_argument(fmt::format("--type: {}", problem.what()));
    }
  }
  read_schema(fields);
  index();
}

void Columns::read_schema(FieldSet& fields) {
  for (const std::string& line : lines_of(settings_.schema)) {
    try {
      const auto blank = line.find_last_of(" \t");
      if (blank == std::string::npos) throw std::invalid_argument("a line is FIELD TYPE or FIELD as NAME TYPE");
      const ColumnType type = ColumnType::parse(std::string_view(line).substr(blank + 1));
      std::string front = line.substr(0, blank);
      front.resize(front.find_last_not_of(" \t") + 1);
      const FieldAs field = read_field_as(front);
      const auto segments = FieldSet::split(field.path);
      const std::string name = field.name.empty() ? FieldSet::plain_name(field.path) : field.name;
      if (find(name) != nullptr) throw std::invalid_argument("the column is there twice");
      given_.emplace_back(name, type);
      Column column{name, type, contains(partitions_, name)};
      if (column.in_path && !contains(own_, name)) throw std::invalid_argument("a partition has that name");
      if (segments.size() > 1 || segments.front() != name) {
        column.field = fields.add(field.path);
        nested_.push_back(segments.front());
      }
      columns_.push_back(std::move(column));
    } catch (const std::invalid_argument& problem) {
      throw std::invalid_argument(fmt::format("--schema: '{}': {}", line, problem.what()));
    }
  }
}

void Columns::index() {
  known_.clear();
  last_.clear();
  any_in_files_ = std::any_of(columns_.begin(), columns_.end(), [](const Column& each) { return !each.in_path; });
  for (const std::string& name : nested_) known_[name] = {Use::nested, 0};
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (!columns_[i].in_path && !columns_[i].field) known_[columns_[i].name] = {Use::column, i};
  for (const std::string& name : partitions_) known_[name] = {contains(own_, name) ? Use::in_path : Use::taken, 0};
}

Columns::Known Columns::find_use(const std::string& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? Known{} : found->second;
}

const Columns::Known& Columns::use_of(std::size_t position, std::string_view key) {
  if (position < last_.size() && last_[position].first == key) return last_[position].second;
  if (position >= last_.size()) last_.resize(position + 1);
  last_[position].first = key;
  last_[position].second = find_use(last_[position].first);
  return last_[position].second;
}

const Column* Columns::find(std::string_view name) const {
  for (const Column& column : columns_)
    if (column.name == name) return &column;
  return nullptr;
}

std::optional<ColumnType> Columns::given_type(const std::string& name) const {
  for (const auto& [given, type] : given_)
    if (given == name) return type;
  return std::nullopt;
}

Verdict Columns::check_value(const Column& column, const Value& value) {
  if (values_.put(column.type, value, nullptr)) return Verdict::ok();
  return Verdict::reject(
      fmt::format("{} {} does not fit its column of type {}", column.name, shortened(value.raw), column.type.name()));
}

/// Decides the type of a field that has no column yet.
Verdict Columns::check_new(const Member& member) {
  if (!member.value.present()) return Verdict::ok();  // its type comes with a value
  for (const Column& column : coming_)
    if (column.name == member.key) return check_value(column, member.value);
  std::string name(member.key);
  if (!settings_.schema.empty()) {
    if (settings_.ignore_extra) return Verdict::ok();
    return Verdict::reject(fmt::format("{} has no column in --schema", shortened(name)));
  }
  if (name.empty()) return Verdict::reject("a field without a name cannot be a column");
  if (name.find_first_of(settings_.forbidden) != std::string::npos)
    return Verdict::reject(fmt::format("{} has a character that a column's name cannot have", shortened(name)));
  if (columns_.size() + coming_.size() >= settings_.max_columns)
    return Verdict::reject("its fields would be more columns than --max-columns");
  const std::string folded = lower(name);
  const auto same = [&](const Column& column) { return lower(column.name) == folded; };
  if (std::any_of(columns_.begin(), columns_.end(), same) || std::any_of(coming_.begin(), coming_.end(), same))
    return Verdict::reject(fmt::format("{} differs from a column by capitals alone", shortened(name)));
  ColumnType type = ColumnType::of(member.value);
  if (const auto given = given_type(name))
    type = *given;
  else if (contains(settings_.time_names, name) && values_.is_time(member.value))
    type = {ColumnType::Kind::time};
  Column column{std::move(name), type};
  Verdict verdict = check_value(column, member.value);
  if (!verdict.rejected()) coming_.push_back(std::move(column));
  return verdict;
}

void Columns::begin_record() {
  coming_.clear();
  coming_in_path_.clear();
}

Verdict Columns::check(const Record& record) {
  const auto members = record.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Known& known = use_of(i, members[i].key);
    Verdict verdict;
    if (known.use == Use::column)
      verdict = check_value(columns_[known.column], members[i].value);
    else if (known.use == Use::unknown)
      verdict = check_new(members[i]);
    else if (known.use == Use::taken && members[i].value.present())
      verdict = Verdict::reject(fmt::format("{} is also the name of a partition", members[i].key));
    if (verdict.rejected()) return verdict;
  }
  for (const Column& column : columns_) {
    if (!column.field) continue;
    if (Verdict verdict = check_value(column, record[*column.field]); verdict.rejected()) return verdict;
  }
  // A file of Parquet without columns has no rows.
  if (!any_in_files_ && coming_.empty())
    return Verdict::reject(
        "no field has a value for a column of the file, and the table has no column yet (--schema gives them)");
  return Verdict::ok();
}

void Columns::accept() {
  if (coming_.empty() && coming_in_path_.empty()) return;
  for (auto* list : {&coming_, &coming_in_path_}) {
    std::move(list->begin(), list->end(), std::back_inserter(columns_));
    list->clear();
  }
  index();
}

void Columns::append(const Record& record, std::vector<ParquetValues>& to) {
  row_.assign(columns_.size(), &missing_value);
  const auto members = record.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Known& known = use_of(i, members[i].key);
    if (known.use == Use::column) row_[known.column] = &members[i].value;
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.in_path) continue;
    const Value& value = column.field ? record[*column.field] : *row_[i];
    if (!values_.put(column.type, value, &to[next])) to[next].add_null();  // it was checked when it came
    ++next;
  }
}

void Columns::add_in_path(const std::string& name, ColumnType type) { coming_in_path_.push_back({name, type, true}); }

void Columns::adopt(const std::string& name, ColumnType type, ValuesIn place) {
  const bool in_path = place == ValuesIn::path;
  for (Column& column : columns_) {
    if (column.name != name) continue;
    if (column.type.delta_name() == type.delta_name() && column.in_path == in_path) return;
    throw std::runtime_error(
        fmt::format("the table's column {} is {}, not {}", name, type.delta_name(), column.type.delta_name()));
  }
  columns_.push_back({name, type, in_path});
  index();
}

std::vector<ParquetColumn> Columns::of_file() const {
  std::vector<ParquetColumn> made;
  for (const Column& column : columns_)
    if (!column.in_path) made.push_back(column.type.parquet(column.name));
  return made;
}

void Columns::state(StateArchive& archive) {
  std::vector<Column> saved = columns_;
  archive.list(saved);
  if (archive.saving()) return;
  // The columns of a schema keep their fields; those that records have made follow.
  for (Column& column : saved) {
    const Column* known = find(column.name);
    if (known == nullptr)
      columns_.push_back(std::move(column));
    else if (known->type != column.type)
      throw std::runtime_error(fmt::format("the column {} is {} in files that are there, not {}", column.name,
                                           column.type.name(), known->type.name()));
  }
  index();
}

}  // namespace weir::lake_load
