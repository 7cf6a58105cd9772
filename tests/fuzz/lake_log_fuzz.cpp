// links: stage_lake-load weir_parquet weir_record
// What lake-load reads of others. Up to a line of `#` the log of a Delta table, then the file that names its last
// checkpoint: read or refused with words; a commit on top is JSON and reads back. After another `#` the lines of a
// schema, then a template of partitions, then records: columns and folders as a table can have them, or reasons.
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "columns.hpp"
#include "delta_log.hpp"
#include "fuzz_expect.hpp"
#include "partition.hpp"
#include "record/parser.hpp"

using namespace weir;
using namespace weir::lake_load;

namespace {

/// A table in memory, of which no file of Parquet is there.
class Memory final : public TableStore {
 public:
  std::optional<std::string> read(const std::string& path) override {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  bool put_if_absent(const std::string& path, std::string_view bytes) override {
    return files.emplace(path, bytes).second;
  }
  void replace(const std::string& path, std::string_view bytes) override { files[path] = bytes; }
  std::vector<std::string> list(const std::string& folder) override {
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files) names.push_back(path.substr(folder.size() + 1));
    return names;
  }
  bool take(const std::string&, const std::string&) override { return false; }
  std::optional<std::string> fetch(const std::string&) override { return std::nullopt; }

  std::map<std::string, std::string> files;
};

/// Takes the part before the next line of `#` off.
std::string part(std::string_view& rest) {
  const auto end = rest.find("\n#\n");
  std::string taken(rest.substr(0, end));
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 3);
  return taken;
}

const ColumnSettings by_records{{}, {}, false, 500, {"timestamp"}, " ,;{}()\n\t="};

void read_log(const std::string& log, const std::string& last) {
  Memory store;
  store.files[version_path(0)] = log;
  if (!last.empty()) store.files["_delta_log/_last_checkpoint"] = last;
  const DeltaSettings settings{.table = "t", .name = "fuzz", .scratch = "/nowhere"};
  try {
    DeltaLog delta(store, settings, {"day"});
    FieldSet fields;
    ValueReader values{TimeParser(), Inexact::rejected};
    Columns columns(by_records, fields, {"day"}, {"day"}, values);
    delta.adopt_into(columns);
    if (columns.find("day") == nullptr) columns.adopt("day", {ColumnType::Kind::text}, ValuesIn::path);
    if (columns.find("fuzz") == nullptr) columns.adopt("fuzz", {ColumnType::Kind::real}, ValuesIn::files);
    const std::uint64_t next = delta.epoch() + 1;
    delta.commit({{"", "day=1/a.parquet", {"1"}, 1, 10, "{}"}}, columns, next, "run");
    each_line(store.files.at(version_path(1)), [](std::string_view line) {
      RecordParser parser{FieldSet(), Checking::every_token};
      expect(parser.parse_copy(line, 1) != nullptr);
    });
    expect(DeltaLog(store, settings, {"day"}).epoch() == next);
  } catch (const std::runtime_error& refused) {
    expect(*refused.what() != '\0');
  }
  DeltaState state;
  try {
    each_line(log, [&](std::string_view line) { state.take(line); });
  } catch (const std::runtime_error& refused) {
    expect(*refused.what() != '\0');
  }
  std::vector<std::string> names;
  each_line(log, [&](std::string_view line) { names.emplace_back(line); });
  if (const auto mark = last_checkpoint_of(names)) expect(mark->parts > 0);
}

void take_records(const std::string& schema, const std::string& pattern, std::string_view records) {
  try {
    FieldSet fields;
    fields.read_members();
    ValueReader values{TimeParser(), Inexact::rejected};
    PartitionTemplate partitions(pattern, fields);
    ColumnSettings settings = by_records;
    settings.schema = schema;
    Columns columns(settings, fields, partitions.names(), partitions.own_fields(), values);
    RecordParser parser(fields);
    Place place;
    std::vector<ParquetValues> rows;
    each_line(records, [&](std::string_view line) {
      const Record* const record = parser.parse_copy(line, 1);
      if (record == nullptr) return;
      columns.begin_record();
      if (partitions.fill(*record, Time(), columns, place).rejected() || columns.check(*record).rejected()) return;
      columns.accept();
      partitions.complete(place, Time());
      // No folder leaves the table's, whatever a value is.
      expect(("/" + place.folder + "/").find("/../") == std::string::npos && !place.folder.starts_with('/'));
      expect(place.folder.find('\0') == std::string::npos && place.folder.find('\n') == std::string::npos);
    });
  } catch (const std::invalid_argument& refused) {
    expect(*refused.what() != '\0');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string log = part(rest);
  const std::string last = part(rest);
  const std::string schema = part(rest);
  const std::string pattern = part(rest);
  read_log(log, last);
  take_records(schema, pattern, rest);
  return 0;
}
