#include "delta_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <stdexcept>

#include "parquet/json_rows.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/object_list.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/stage_folder.hpp"

namespace weir::lake_load {
namespace {

constexpr int reader_version = 1;
constexpr int writer_version = 2;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
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

/// What a writer reads of actions.
struct DeltaLog::Actions {
  FieldSet fields;
  FieldId app = fields.add("txn.appId"), txn = fields.add("txn.version"), meta = fields.add("metaData"),
          schema = fields.add("metaData.schemaString"), names = fields.add("metaData.partitionColumns"),
          least_reader = fields.add("protocol.minReaderVersion"),
          least_writer = fields.add("protocol.minWriterVersion");
  RecordParser parser{fields, Checking::every_token};  // what it is given is copied into commits
  RecordParser list{fields};
};

DeltaLog::DeltaLog(TableStore& store, const DeltaSettings& settings, std::vector<std::string> partitions)
    : store_(store),
      settings_(settings),
      app_("weir/" + settings.name),
      partitions_(std::move(partitions)),
      actions_(std::make_unique<Actions>()) {
  read();
}

DeltaLog::~DeltaLog() = default;

std::string DeltaLog::place() const { return settings_.table + '/' + delta_folder; }

void DeltaLog::read() {
  if (!version_) begin();
  const auto go_on = [this] {
    while (const auto bytes = store_.read(version_path(version_ ? *version_ + 1 : 0)))
      read_version(version_ ? *version_ + 1 : 0, *bytes);
  };
  go_on();
  const auto last = version_ ? last_checkpoint(store_) : std::nullopt;
  if (!last || last->version <= *version_) return;
  begin();  // the versions since were removed: never put one of these again
  go_on();
}

/// Finds where to begin: at the last checkpoint, or at version 0.
void DeltaLog::begin() {
  checkpoint_ = last_checkpoint(store_);
  if (checkpoint_ && read_checkpoint()) return;
  const std::vector<std::string> names = store_.list(delta_folder);
  checkpoint_ = last_checkpoint_of(names);
  if (checkpoint_ && read_checkpoint()) return;
  checkpoint_.reset();
  std::vector<std::uint64_t> versions;
  for (const std::string& name : names)
    if (const auto version = version_of(name)) versions.push_back(*version);
  std::sort(versions.begin(), versions.end());
  for (std::size_t i = 0; i < versions.size(); ++i)
    if (versions[i] != i)
      throw std::runtime_error(fmt::format("{}: version {} is missing, and there is no checkpoint", place(), i));
}

/// Reads what a writer needs of the checkpoint; false where its files are not there.
bool DeltaLog::read_checkpoint() {
  for (const std::string& path : checkpoint_->paths()) {
    const auto file = store_.fetch(path);
    if (!file) return false;
    read_json_rows(*file, {"protocol", "metaData", "txn"}, [&](std::string_view action) { read_action(path, action); });
  }
  version_ = checkpoint_->version;
  return true;
}

void DeltaLog::read_version(std::uint64_t version, const std::string& bytes) {
  each_line(bytes, [&](std::string_view line) { read_action(version_path(version), line); });
  version_ = version;
}

void DeltaLog::read_action(const std::string& path, std::string_view line) {
  const Actions& of = *actions_;
  const Record* record = actions_->parser.parse_copy(line, 0);
  if (record == nullptr) throw std::runtime_error(fmt::format("{}: {}", path, actions_->parser.reason()));
  if ((*record)[of.least_writer].number().value_or(0) > writer_version ||
      (*record)[of.least_reader].number().value_or(0) > reader_version)
    throw std::runtime_error(fmt::format("{}: the table needs a writer of a later protocol than {}/{}", path,
                                         reader_version, writer_version));
  if ((*record)[of.app].text == app_) {
    std::from_chars((*record)[of.txn].raw.data(), (*record)[of.txn].raw.data() + (*record)[of.txn].raw.size(), epoch_);
  }
  if (!(*record)[of.meta].present()) return;
  if (!(*record)[of.schema].present()) throw std::runtime_error(fmt::format("{}: metaData without a schema", path));
  meta_ = (*record)[of.meta].raw;
  schema_ = (*record)[of.schema].text;
  read_schema();
  std::vector<std::string> found;
  actions_->list.each_element((*record)[of.names].raw, [&](const Value& name) {
    found.emplace_back(name.text);
    return true;
  });
  if (found != partitions_)
    throw std::runtime_error(fmt::format("{}: the table's partitions are {}, not {}", path, fmt::join(found, ", "),
                                         fmt::join(partitions_, ", ")));
}

/// Reads names and types from the table's schema.
void DeltaLog::read_schema() {
  FieldSet outer;
  const FieldId list = outer.add("fields");
  FieldSet inner;
  const FieldId name = inner.add("name");
  const FieldId type = inner.add("type");
  const FieldId nullable = inner.add("nullable");
  RecordParser schema_parser(outer, Checking::every_token);
  ObjectList columns(inner);
  const Record* schema = schema_parser.parse_copy(schema_, 0);
  if (schema == nullptr) throw std::runtime_error(fmt::format("{}: its schema: {}", place(), schema_parser.reason()));
  fields_.clear();
  const bool is_list = columns.each((*schema)[list].raw, [&](const Record* column) {
    if (column == nullptr) throw std::runtime_error(fmt::format("{}: its schema: {}", place(), columns.reason()));
    const std::string its_name((*column)[name].text);
    if ((*column)[name].kind != Kind::string || !(*column)[type].present())
      throw std::runtime_error(fmt::format("{}: its schema: a column has no name or no type", place()));
    if (asks_more(column->line(), (*column)[nullable].raw != "false"))
      throw std::runtime_error(fmt::format(
          "{}: the column {} must not be null or has rules, which lake-load does not keep", place(), its_name));
    fields_.emplace_back(its_name, (*column)[type].text);
    return true;
  });
  if (!is_list) throw std::runtime_error(fmt::format("{}: its schema has no list of fields", place()));
}

void DeltaLog::adopt_into(Columns& columns) const {
  for (const auto& [name, type] : fields_) {
    const bool in_path = std::find(partitions_.begin(), partitions_.end(), name) != partitions_.end();
    try {
      columns.adopt(name, type_of_delta(type), in_path ? ValuesIn::path : ValuesIn::files);
    } catch (const std::invalid_argument&) {
      throw std::runtime_error(
          fmt::format("{}: lake-load does not write columns such as {}, of type {}", place(), name, type));
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
      throw std::runtime_error(fmt::format("{}: the table's column {} is {}, not {}", place(), column.name,
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

void DeltaLog::commit(const std::vector<FinishedFile>& files, const Columns& columns, std::uint64_t epoch,
                      std::string_view run) {
  const std::uint64_t own = epoch_;
  for (;;) {
    read();
    if (epoch_ != own) throw std::runtime_error(fmt::format("{}: another run of the pipeline has taken over", place()));
    const std::uint64_t next = version_ ? *version_ + 1 : 0;
    const std::string bytes = actions(files, wider_schema(columns), epoch, run);
    if (!store_.put_if_absent(version_path(next), bytes)) continue;
    read_version(next, bytes);
    return write_checkpoint();
  }
}

/// Makes a checkpoint where the last one is old, from that and the versions since.
void DeltaLog::write_checkpoint() {
  const auto is_due = [&] {
    return *version_ >= (checkpoint_ ? checkpoint_->version : 0) + settings_.checkpoint_every;
  };
  if (!is_due()) return;
  if (const auto last = last_checkpoint(store_)) checkpoint_ = last;  // perhaps another writer's
  if (!is_due()) return;
  DeltaState state;
  state.forget_removed_before(now_ms() - std::chrono::milliseconds(std::chrono::days(7)).count());
  std::uint64_t next = 0;
  if (checkpoint_) {
    for (const std::string& path : checkpoint_->paths()) {
      const auto file = store_.fetch(path);
      if (!file) throw std::runtime_error(fmt::format("{}/{} is missing", settings_.table, path));
      read_json_rows(*file, {"protocol", "metaData", "txn", "add", "remove"},
                     [&](std::string_view action) { state.take(action); });
    }
    next = checkpoint_->version + 1;
  }
  for (; next <= *version_; ++next) {
    const auto bytes = store_.read(version_path(next));
    if (!bytes) throw std::runtime_error(fmt::format("{}/{} is missing", settings_.table, version_path(next)));
    each_line(*bytes, [&](std::string_view line) { state.take(line); });
  }
  state.write(store_, *version_, settings_.scratch + "/checkpoint");
  checkpoint_ = CheckpointMark{*version_};
}

}  // namespace weir::lake_load
