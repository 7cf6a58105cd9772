#include "delta_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"
#include "state/files.hpp"
#include "state/stage_folder.hpp"

namespace weir::lake_load {
namespace {

constexpr int reader_version = 1;
constexpr int writer_version = 2;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The lines of a text, each without its end.
template <typename Each>
void each_line(std::string_view text, Each each) {
  while (!text.empty()) {
    const auto newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    if (!line.empty()) each(line);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
}

/// A path as a URI reference, as Delta wants it.
std::string uri_of(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) ||
                       std::string_view("-._~/=+,@!$&'()*;").find(c) != std::string_view::npos;
    if (plain)
      uri += c;
    else
      fmt::format_to(std::back_inserter(uri), "%{:02X}", byte);
  }
  return uri;
}

ColumnType type_of_delta(std::string_view name) {
  using Kind = ColumnType::Kind;
  for (const Kind kind : {Kind::boolean, Kind::bigint, Kind::real, Kind::text, Kind::time, Kind::date})
    if (ColumnType{kind}.delta_name() == name) return {kind};
  return ColumnType::parse(name);  // a decimal, or it throws
}

/// A UUID of 32 hexadecimal digits.
std::string uuid_of(const std::string& digits) {
  return fmt::format("{}-{}-4{}-8{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(13, 3),
                     digits.substr(17, 3), digits.substr(20, 12));
}

/// What the schema of a table asks of its writers beyond types.
bool asks_more(std::string_view field, bool nullable) {
  const auto has = [field](std::string_view text) { return field.find(text) != std::string_view::npos; };
  return !nullable || has("delta.invariants") || has("delta.generationExpression") || has("delta.identity");
}

}  // namespace

DeltaLog::DeltaLog(const std::string& table, const std::string& name, std::vector<std::string> partitions)
    : folder_(table + "/_delta_log"), app_("weir/" + name), partitions_(std::move(partitions)) {
  std::filesystem::create_directories(folder_);
  for (const auto& entry : std::filesystem::directory_iterator(folder_))  // of a run that was killed
    if (entry.path().filename().string().starts_with("." + name + "-")) std::filesystem::remove(entry.path());
  read();
}

std::string DeltaLog::file_of(std::uint64_t version) const { return fmt::format("{}/{:020}.json", folder_, version); }

std::vector<std::uint64_t> DeltaLog::versions() const {
  std::vector<std::uint64_t> found;
  constexpr std::size_t digits = 20;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    std::uint64_t version = 0;
    if (name.size() != digits + 5 || !name.ends_with(".json")) continue;
    const auto read = std::from_chars(name.data(), name.data() + digits, version);
    if (read.ec == std::errc{} && read.ptr == name.data() + digits) found.push_back(version);
  }
  std::sort(found.begin(), found.end());
  return found;
}

void DeltaLog::read() {
  if (version_) {
    while (::access(file_of(*version_ + 1).c_str(), F_OK) == 0) read_version(*version_ + 1);
    return;
  }
  const std::vector<std::uint64_t> found = versions();
  if (found.empty()) return;
  if (found.front() != 0)
    throw std::runtime_error(
        fmt::format("{} begins with version {}: its first versions were removed, and lake-load "
                    "reads no checkpoints",
                    folder_, found.front()));
  for (const std::uint64_t version : found) read_version(version);
}

void DeltaLog::read_version(std::uint64_t version) {
  const std::string path = file_of(version);
  constexpr std::uint64_t most_bytes = 1 << 30;
  const auto bytes = state::read_file(path, most_bytes);
  if (!bytes || (version_ && version != *version_ + 1))
    throw std::runtime_error(fmt::format("{}: version {} is missing", folder_, version_ ? *version_ + 1 : 0));
  FieldSet fields;
  const FieldId app = fields.add("txn.appId");
  const FieldId txn = fields.add("txn.version");
  const FieldId meta = fields.add("metaData");
  const FieldId schema = fields.add("metaData.schemaString");
  const FieldId names = fields.add("metaData.partitionColumns");
  const FieldId least_reader = fields.add("protocol.minReaderVersion");
  const FieldId least_writer = fields.add("protocol.minWriterVersion");
  RecordParser parser(fields);
  RecordParser list(fields);
  each_line(*bytes, [&](std::string_view line) {
    const Record* record = parser.parse_copy(line, 0);
    if (record == nullptr) throw std::runtime_error(fmt::format("{}: {}", path, parser.reason()));
    if ((*record)[least_writer].number().value_or(0) > writer_version ||
        (*record)[least_reader].number().value_or(0) > reader_version)
      throw std::runtime_error(fmt::format("{}: the table needs a writer of a later protocol than {}/{}", path,
                                           reader_version, writer_version));
    if ((*record)[app].text == app_) {
      ++own_commits_;
      std::from_chars((*record)[txn].raw.data(), (*record)[txn].raw.data() + (*record)[txn].raw.size(), epoch_);
    }
    if (!(*record)[meta].present()) return;
    meta_ = (*record)[meta].raw;
    schema_ = (*record)[schema].text;
    read_schema();
    std::vector<std::string> found;
    list.each_element((*record)[names].raw, [&](const Value& name) {
      found.emplace_back(name.text);
      return true;
    });
    if (found != partitions_)
      throw std::runtime_error(fmt::format("{}: the table's partitions are {}, not {}", path, fmt::join(found, ", "),
                                           fmt::join(partitions_, ", ")));
  });
  version_ = version;
}

/// Reads names and types from the table's schema.
void DeltaLog::read_schema() {
  FieldSet outer;
  const FieldId list = outer.add("fields");
  FieldSet inner;
  const FieldId name = inner.add("name");
  const FieldId type = inner.add("type");
  const FieldId nullable = inner.add("nullable");
  RecordParser schema_parser(outer);
  RecordParser elements(inner);
  RecordParser parser(inner);
  const Record* schema = schema_parser.parse_copy(schema_, 0);
  if (schema == nullptr) throw std::runtime_error(fmt::format("{}: its schema: {}", folder_, schema_parser.reason()));
  fields_.clear();
  elements.each_element((*schema)[list].raw, [&](const Value& field) {
    const Record* column = parser.parse_copy(field.raw, 0);
    if (column == nullptr) throw std::runtime_error(fmt::format("{}: its schema: {}", folder_, parser.reason()));
    const std::string its_name((*column)[name].text);
    if (asks_more(field.raw, (*column)[nullable].raw != "false"))
      throw std::runtime_error(fmt::format(
          "{}: the column {} must not be null or has rules, which lake-load does not keep", folder_, its_name));
    fields_.emplace_back(its_name, (*column)[type].text);
    return true;
  });
}

void DeltaLog::adopt_into(Columns& columns) const {
  for (const auto& [name, type] : fields_) {
    const bool in_path = std::find(partitions_.begin(), partitions_.end(), name) != partitions_.end();
    try {
      columns.adopt(name, type_of_delta(type), in_path);
    } catch (const std::invalid_argument&) {
      throw std::runtime_error(
          fmt::format("{}: lake-load does not write columns such as {}, of type {}", folder_, name, type));
    }
  }
}

/// The table's schema with the columns that it lacks, as schemaString; empty where it lacks none. Throws
/// std::runtime_error where a column has another type in the table.
std::string DeltaLog::wider_schema(const Columns& columns) const {
  std::string added;
  for (const Column& column : columns.all()) {
    const auto same = [&](const auto& field) { return field.first == column.name; };
    const auto found = std::find_if(fields_.begin(), fields_.end(), same);
    if (found == fields_.end()) {
      if (!added.empty()) added += ',';
      added += R"({"name":)";
      append_json_string(added, column.name);
      added += fmt::format(R"(,"type":"{}","nullable":true,"metadata":{{}}}})", column.type.delta_name());
    } else if (found->second != column.type.delta_name()) {
      throw std::runtime_error(fmt::format("{}: the table's column {} is {}, not {}", folder_, column.name,
                                           found->second, column.type.delta_name()));
    }
  }
  if (added.empty()) return {};
  if (schema_.empty()) return R"({"type":"struct","fields":[)" + added + "]}";
  FieldSet fields;
  const FieldId list = fields.add("fields");
  RecordParser parser(fields);
  const Record* schema = parser.parse_copy(schema_, 0);
  std::string array((*schema)[list].raw);
  array.pop_back();
  array += (fields_.empty() ? "" : ",") + added + ']';
  std::string wider;
  Splicer splicer;
  splicer.begin(*schema);
  splicer.set((*schema)[list], "fields", array);
  splicer.write(wider);
  wider.pop_back();
  return wider;
}

/// The lines of a commit; `schema` is empty where the table has it already.
std::string DeltaLog::actions(const std::vector<FinishedFile>& files, const std::string& schema, std::uint64_t epoch,
                              std::string_view run) const {
  std::string out;
  const std::int64_t now = now_ms();
  ObjectWriter(out)
      .begin_object("commitInfo")
      .integer("timestamp", now)
      .string("operation", "WRITE")
      .raw("operationParameters", R"({"mode":"Append"})")
      .string("engineInfo", "weir lake-load/" WEIR_VERSION)
      .string("weirRun", run)
      .end_object()
      .end();
  if (!version_)
    ObjectWriter(out)
        .begin_object("protocol")
        .integer("minReaderVersion", reader_version)
        .integer("minWriterVersion", writer_version)
        .end_object()
        .end();
  if (!schema.empty()) {
    std::string names = "[";
    for (const std::string& name : partitions_) {
      if (names.size() > 1) names += ',';
      append_json_string(names, name);
    }
    names += ']';
    if (meta_.empty()) {
      ObjectWriter(out)
          .begin_object("metaData")
          .string("id", uuid_of(state::new_run()))
          .raw("format", R"({"provider":"parquet","options":{}})")
          .string("schemaString", schema)
          .raw("partitionColumns", names)
          .raw("configuration", "{}")
          .integer("createdTime", now)
          .end_object()
          .end();
    } else {
      FieldSet fields;
      const FieldId old = fields.add("schemaString");
      RecordParser parser(fields);
      const Record* meta = parser.parse_copy(meta_, 0);
      std::string token;
      append_json_string(token, schema);
      std::string changed;
      Splicer splicer;
      splicer.begin(*meta);
      splicer.set((*meta)[old], "schemaString", token);
      splicer.write(changed);
      changed.pop_back();
      ObjectWriter(out).raw("metaData", changed).end();
    }
  }
  ObjectWriter(out)
      .begin_object("txn")
      .string("appId", app_)
      .integer("version", static_cast<std::int64_t>(epoch))
      .integer("lastUpdated", now)
      .end_object()
      .end();
  for (const FinishedFile& file : files) {
    ObjectWriter add(out);
    add.begin_object("add").string("path", uri_of(file.path)).begin_object("partitionValues");
    for (std::size_t i = 0; i < partitions_.size(); ++i) {
      if (file.values[i])
        add.string(partitions_[i], *file.values[i]);
      else
        add.null(partitions_[i]);
    }
    add.end_object()
        .integer("size", static_cast<std::int64_t>(file.size))
        .integer("modificationTime", now)
        .boolean("dataChange", true)
        .string("stats", file.stats)
        .end_object()
        .end();
  }
  return out;
}

/// Makes the file of a version durably, only where there is none.
bool DeltaLog::put_if_absent(std::uint64_t version, const std::string& bytes) const {
  const std::string path = file_of(version);
  const std::string made = fmt::format("{}/.{}-{}", folder_, app_.substr(app_.find('/') + 1), ::getpid());
  state::write_file(made, bytes, 0666, state::Durable::yes);
  const int linked = ::link(made.c_str(), path.c_str());
  const int error = errno;
  ::unlink(made.c_str());
  if (linked != 0 && error == EEXIST) return false;
  if (linked != 0) {
    errno = error;
    state::fail("linking " + path);
  }
  state::sync_folder(folder_);
  return true;
}

void DeltaLog::commit(const std::vector<FinishedFile>& files, const Columns& columns, std::uint64_t epoch,
                      std::string_view run) {
  const std::uint64_t own = own_commits_;
  for (;;) {
    read();
    if (own_commits_ != own)
      throw std::runtime_error(fmt::format("{}: another run of the pipeline has taken over", folder_));
    const std::uint64_t next = version_ ? *version_ + 1 : 0;
    if (put_if_absent(next, actions(files, wider_schema(columns), epoch, run))) return read_version(next);
  }
}

}  // namespace weir::lake_load
