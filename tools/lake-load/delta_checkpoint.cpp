#include "delta_checkpoint.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "net/http/url.hpp"
#include "parquet/json_rows.hpp"
#include "record/object_writer.hpp"

namespace weir::lake_load {
namespace {

using Kind = JsonColumn::Kind;
constexpr std::size_t version_digits = 20;
constexpr std::size_t part_digits = 10;
constexpr const char* last_name = "_delta_log/_last_checkpoint";

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// The columns of a checkpoint, as Delta's protocol has them.
std::vector<JsonColumn> columns() {
  const auto object = [](const char* name, std::vector<JsonColumn> members) {
    return JsonColumn{name, Kind::object, std::move(members)};
  };
  return {object("txn", {{"appId"}, {"version", Kind::int64}, {"lastUpdated", Kind::int64}}),
          object("add", {{"path"},
                         {"partitionValues", Kind::text_map},
                         {"size", Kind::int64},
                         {"modificationTime", Kind::int64},
                         {"dataChange", Kind::boolean},
                         {"stats"},
                         {"tags", Kind::text_map}}),
          object("remove", {{"path"},
                            {"deletionTimestamp", Kind::int64},
                            {"dataChange", Kind::boolean},
                            {"extendedFileMetadata", Kind::boolean},
                            {"partitionValues", Kind::text_map},
                            {"size", Kind::int64},
                            {"tags", Kind::text_map}}),
          object("metaData", {{"id"},
                              {"name"},
                              {"description"},
                              object("format", {{"provider"}, {"options", Kind::text_map}}),
                              {"schemaString"},
                              {"partitionColumns", Kind::text_list},
                              {"configuration", Kind::text_map},
                              {"createdTime", Kind::int64}}),
          object("protocol", {{"minReaderVersion", Kind::int32}, {"minWriterVersion", Kind::int32}})};
}

}  // namespace

std::string version_path(std::uint64_t version, std::string_view suffix) {
  return fmt::format("{}/{:020}{}", delta_folder, version, suffix);
}

std::optional<std::uint64_t> version_of(std::string_view name) {
  if (name.size() != version_digits + 5 || !name.ends_with(".json")) return std::nullopt;
  return number_of(name.substr(0, version_digits));
}

std::vector<std::string> CheckpointMark::paths() const {
  if (parts == 1) return {version_path(version, ".checkpoint.parquet")};
  std::vector<std::string> all;
  for (std::uint64_t part = 1; part <= parts; ++part)
    all.push_back(version_path(version, fmt::format(".checkpoint.{:010}.{:010}.parquet", part, parts)));
  return all;
}

std::optional<CheckpointMark> last_checkpoint(TableStore& store) {
  const auto bytes = store.read(last_name);
  if (!bytes) return std::nullopt;
  FieldSet fields;
  const FieldId version = fields.add("version");
  const FieldId parts = fields.add("parts");
  RecordParser parser(fields);
  std::string line;
  each_line(*bytes, [&](std::string_view each) { line += each; });
  const Record* const record = parser.parse_copy(line, 0);
  if (record == nullptr) return std::nullopt;  // readers look through the log then
  const auto found = number_of((*record)[version].raw);
  constexpr std::uint64_t most_parts = 100'000;
  const std::uint64_t count = number_of((*record)[parts].raw).value_or(1);
  if (!found || count == 0 || count > most_parts) return std::nullopt;
  return CheckpointMark{*found, count};
}

std::optional<CheckpointMark> last_checkpoint_of(const std::vector<std::string>& names) {
  constexpr std::string_view single = ".checkpoint.parquet";
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> seen;  // version, parts: parts that are there
  for (const std::string_view name : names) {
    const auto version = number_of(name.substr(0, version_digits));
    if (!version || name.size() < version_digits + single.size()) continue;
    const std::string_view rest = name.substr(version_digits);
    if (rest == single) ++seen[{*version, 1}];
    constexpr std::size_t total_at = std::string_view(".checkpoint.").size() + part_digits + 1;
    if (!rest.starts_with(".checkpoint.") || rest.size() != total_at + part_digits + 8 || !rest.ends_with(".parquet"))
      continue;
    if (const auto parts = number_of(rest.substr(total_at, part_digits))) ++seen[{*version, *parts}];
  }
  for (auto each = seen.rbegin(); each != seen.rend(); ++each)
    if (each->first.second == each->second) return CheckpointMark{each->first.first, each->second};
  return std::nullopt;
}

DeltaState::DeltaState()
    : protocol_field_(fields_.add("protocol")),
      meta_field_(fields_.add("metaData")),
      transaction_(fields_.add("txn")),
      add_(fields_.add("add")),
      remove_(fields_.add("remove")),
      app_(fields_.add("txn.appId")),
      added_(fields_.add("add.path")),
      data_change_(fields_.add("add.dataChange")),
      removed_(fields_.add("remove.path")),
      removed_at_(fields_.add("remove.deletionTimestamp")) {}

void DeltaState::take(std::string_view line) {
  const Record* const found = parser_.parse_copy(line, 0);
  if (found == nullptr) throw std::runtime_error(fmt::format("{}: {}", delta_folder, parser_.reason()));
  const Record& record = *found;
  const auto lacks = [&](FieldId action, FieldId its) { return record[action].present() && !record[its].present(); };
  if (lacks(add_, added_) || lacks(remove_, removed_) || lacks(transaction_, app_))
    throw std::runtime_error(fmt::format("{}: an action without its path or appId: {}", delta_folder, line));
  if (record[protocol_field_].present()) protocol_ = line;
  if (record[meta_field_].present()) meta_ = line;
  if (record[app_].present()) transactions_[std::string(record[app_].text)] = line;
  if (record[added_].present()) {
    const std::string path = http::decode(record[added_].text);  // writers differ in what they encode
    removals_.erase(path);
    std::string& kept = files_[path];
    kept = line;
    if (record[data_change_].is_true())  // a checkpoint changes no data
      kept.replace(static_cast<std::size_t>(record[data_change_].raw.data() - record.line().data()), 4, "false");
  }
  if (record[removed_].present()) {
    const std::string path = http::decode(record[removed_].text);
    files_.erase(path);
    if (record[removed_at_].number().value_or(0) >= static_cast<double>(oldest_removed_)) removals_[path] = line;
  }
}

void DeltaState::write(TableStore& store, std::uint64_t version, const std::string& scratch) const {
  if (protocol_.empty() || meta_.empty()) return;
  std::vector<const std::string*> rows{&protocol_, &meta_};
  for (const auto* const lines : {&transactions_, &removals_, &files_})
    for (const auto& [key, line] : *lines) rows.push_back(&line);
  auto next = rows.begin();
  const std::uint64_t size = write_json_rows(scratch, columns(), [&](std::string& row) {
    if (next == rows.end()) return false;
    row = **next++;
    return true;
  });
  store.take(scratch, CheckpointMark{version}.paths().front());
  store.settle();
  std::string last;
  ObjectWriter(last)
      .integer("version", static_cast<std::int64_t>(version))
      .integer("size", static_cast<std::int64_t>(rows.size()))
      .integer("sizeInBytes", static_cast<std::int64_t>(size))
      .integer("numOfAddFiles", static_cast<std::int64_t>(files_.size()))
      .end();
  last.pop_back();
  store.replace(last_name, last);
}

}  // namespace weir::lake_load
