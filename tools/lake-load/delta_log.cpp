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

}  // namespace

std::string delta_schema(const Columns& columns) {
  std::string out = R"({"type":"struct","fields":[)";
  bool first = true;
  for (const Column& column : columns.all()) {
    if (!first) out += ',';
    first = false;
    out += R"({"name":)";
    append_json_string(out, column.name);
    out += fmt::format(R"(,"type":"{}","nullable":true,"metadata":{{}}}})", column.type.delta_name());
  }
  out += "]}";
  return out;
}

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

void DeltaLog::adopt_into(Columns& columns) const {
  if (schema_.empty()) return;
  FieldSet outer;
  const FieldId fields_id = outer.add("fields");
  RecordParser parser(outer);
  const Record* schema = parser.parse_copy(schema_, 0);
  if (schema == nullptr) throw std::runtime_error(fmt::format("{}: its schema: {}", folder_, parser.reason()));
  FieldSet inner;
  const FieldId name_id = inner.add("name");
  const FieldId type_id = inner.add("type");
  RecordParser list(inner);
  RecordParser each(inner);
  const std::string fields((*schema)[fields_id].raw);
  list.each_element(fields, [&](const Value& field) {
    const Record* column = each.parse_copy(field.raw, 0);
    if (column == nullptr) throw std::runtime_error(fmt::format("{}: its schema: {}", folder_, each.reason()));
    const std::string name((*column)[name_id].text);
    const bool in_path = std::find(partitions_.begin(), partitions_.end(), name) != partitions_.end();
    try {
      columns.adopt(name, type_of_delta((*column)[type_id].text), in_path);
    } catch (const std::invalid_argument&) {
      throw std::runtime_error(fmt::format("{}: lake-load does not write columns such as {}, of type {}", folder_, name,
                                           (*column)[type_id].text));
    }
    return true;
  });
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
  const std::string schema = delta_schema(columns);
  const std::uint64_t own = own_commits_;
  for (;;) {
    const std::string before = schema_;
    const std::uint64_t next = version_ ? *version_ + 1 : 0;
    if (put_if_absent(next, actions(files, schema == schema_ ? std::string() : schema, epoch, run))) {
      read_version(next);
      return;
    }
    read();
    if (own_commits_ != own)
      throw std::runtime_error(fmt::format("{}: another run of the pipeline has taken over", folder_));
    if (schema_ != before) throw std::runtime_error(fmt::format("{}: another writer has changed the schema", folder_));
  }
}

}  // namespace weir::lake_load
