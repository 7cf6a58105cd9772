#include "parquet/json_rows.hpp"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "parquet/arrow_output.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/parser.hpp"

namespace weir {
namespace {

using Kind = JsonColumn::Kind;
constexpr std::int64_t batch_rows = 20'000;

void must(const ::arrow::Status& status) {
  if (!status.ok()) throw ::parquet::ParquetException(status.ToString());
}

template <typename Type>
Type must(::arrow::Result<Type> result) {
  must(result.status());
  return std::move(result).ValueUnsafe();
}

std::shared_ptr<::arrow::Field> field_of(const JsonColumn& column) {
  switch (column.kind) {
    case Kind::text:
      return ::arrow::field(column.name, ::arrow::utf8());
    case Kind::int32:
      return ::arrow::field(column.name, ::arrow::int32());
    case Kind::int64:
      return ::arrow::field(column.name, ::arrow::int64());
    case Kind::boolean:
      return ::arrow::field(column.name, ::arrow::boolean());
    case Kind::text_map:
      return ::arrow::field(column.name, ::arrow::map(::arrow::utf8(), ::arrow::utf8()));
    case Kind::text_list:
      return ::arrow::field(column.name, ::arrow::list(::arrow::utf8()));
    case Kind::object:
      break;
  }
  ::arrow::FieldVector members;
  for (const JsonColumn& member : column.members) members.push_back(field_of(member));
  return ::arrow::field(column.name, ::arrow::struct_(members));
}

/// The members of an object, from a copy of it.
class Members {
 public:
  Members() {
    fields_.read_members();
    parser_ = std::make_unique<RecordParser>(fields_);
  }
  std::span<const Member> of(std::string_view object) {
    const Record* const record = parser_->parse_copy(object, 0);
    if (record == nullptr) throw ::parquet::ParquetException("a row is not JSON: " + parser_->reason());
    return record->members();
  }
  template <typename Each>
  void each_element(std::string_view array, Each each) {
    if (!parser_->each_element(array, each)) throw ::parquet::ParquetException("a value is not a list");
  }

 private:
  FieldSet fields_;
  std::unique_ptr<RecordParser> parser_;
};

/// Puts JSON values into Arrow's builders. Parsers of deeper levels are kept, one a level.
class Appender {
 public:
  void append(const JsonColumn& column, ::arrow::ArrayBuilder& to, const Value& value, std::size_t depth = 0) {
    if (!value.present()) return must(to.AppendNull());
    switch (column.kind) {
      case Kind::text:
        return append_text(to, value);
      case Kind::boolean:
        return must(dynamic_cast<::arrow::BooleanBuilder&>(to).Append(value.is_true()));
      case Kind::int32:
        return must(dynamic_cast<::arrow::Int32Builder&>(to).Append(whole<std::int32_t>(column, value)));
      case Kind::int64:
        return must(dynamic_cast<::arrow::Int64Builder&>(to).Append(whole<std::int64_t>(column, value)));
      case Kind::text_map: {
        auto& map = dynamic_cast<::arrow::MapBuilder&>(to);
        must(map.Append());
        for (const Member& member : level(depth).of(value.raw)) {
          must(dynamic_cast<::arrow::StringBuilder&>(*map.key_builder()).Append(member.key));
          append_text(*map.item_builder(), member.value);
        }
        return;
      }
      case Kind::text_list: {
        auto& list = dynamic_cast<::arrow::ListBuilder&>(to);
        must(list.Append());
        return level(depth).each_element(value.raw, [&](const Value& element) {
          append_text(*list.value_builder(), element);
          return true;
        });
      }
      case Kind::object:
        break;
    }
    auto& object = dynamic_cast<::arrow::StructBuilder&>(to);
    must(object.Append());
    append_members(
        column.members, value.raw,
        [&](std::size_t i) -> ::arrow::ArrayBuilder& { return *object.child(static_cast<int>(i)); }, depth);
  }

  /// Appends an object's members to the builders of these columns; of those that are missing, null.
  template <typename Builder>
  void append_members(const std::vector<JsonColumn>& columns, std::string_view object, Builder builder,
                      std::size_t depth) {
    const std::span<const Member> members = level(depth).of(object);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto found =
          std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == columns[i].name; });
      append(columns[i], builder(i), found == members.end() ? Value() : found->value, depth + 1);
    }
  }

 private:
  static void append_text(::arrow::ArrayBuilder& to, const Value& value) {
    if (!value.present()) return must(to.AppendNull());
    must(dynamic_cast<::arrow::StringBuilder&>(to).Append(value.text));
  }
  template <typename Number>
  static Number whole(const JsonColumn& column, const Value& value) {
    Number number = 0;
    const char* const end = value.raw.data() + value.raw.size();
    const auto read = std::from_chars(value.raw.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end)
      throw ::parquet::ParquetException(fmt::format("{} is not an integer: {}", column.name, value.raw));
    return number;
  }
  Members& level(std::size_t depth) {
    while (levels_.size() <= depth) levels_.push_back(std::make_unique<Members>());
    return *levels_[depth];
  }
  std::vector<std::unique_ptr<Members>> levels_;
};

void append_key(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':';
}

/// Appends a value as JSON; false where it is null or of a type that is left out.
bool append_json(std::string& out, const ::arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return false;
  switch (array.type_id()) {
    case ::arrow::Type::STRING:
      append_json_string(out, static_cast<const ::arrow::StringArray&>(array).GetView(row));
      return true;
    case ::arrow::Type::LARGE_STRING:
      append_json_string(out, static_cast<const ::arrow::LargeStringArray&>(array).GetView(row));
      return true;
    case ::arrow::Type::STRING_VIEW:
      append_json_string(out, static_cast<const ::arrow::StringViewArray&>(array).GetView(row));
      return true;
    case ::arrow::Type::BOOL:
      out += static_cast<const ::arrow::BooleanArray&>(array).Value(row) ? "true" : "false";
      return true;
    case ::arrow::Type::INT32:
      append_number(out, std::int64_t{static_cast<const ::arrow::Int32Array&>(array).Value(row)});
      return true;
    case ::arrow::Type::INT64:
      append_number(out, std::int64_t{static_cast<const ::arrow::Int64Array&>(array).Value(row)});
      return true;
    case ::arrow::Type::STRUCT: {
      const auto& object = static_cast<const ::arrow::StructArray&>(array);
      out += '{';
      for (int i = 0; i < object.num_fields(); ++i) {
        const std::size_t before = out.size();
        append_key(out, object.type()->field(i)->name());
        if (!append_json(out, *object.field(i), row)) out.resize(before);
      }
      out += '}';
      return true;
    }
    case ::arrow::Type::MAP: {
      const auto& map = static_cast<const ::arrow::MapArray&>(array);
      const auto* const keys = dynamic_cast<const ::arrow::StringArray*>(map.keys().get());
      if (keys == nullptr) return false;
      out += '{';
      for (auto i = map.value_offset(row); i < map.value_offset(row + 1); ++i) {
        append_key(out, keys->GetView(i));
        if (!append_json(out, *map.items(), i)) out += "null";
      }
      out += '}';
      return true;
    }
    case ::arrow::Type::LIST: {
      const auto& list = static_cast<const ::arrow::ListArray&>(array);
      out += '[';
      for (auto i = list.value_offset(row); i < list.value_offset(row + 1); ++i) {
        if (out.back() != '[') out += ',';
        if (!append_json(out, *list.values(), i)) out += "null";
      }
      out += ']';
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

std::uint64_t write_json_rows(const std::string& path, const std::vector<JsonColumn>& columns,
                              const std::function<bool(std::string& row)>& next) {
  return guarded(path, [&] {
    const auto out = std::make_shared<ArrowOutput>(path);
    ::arrow::FieldVector fields;
    for (const JsonColumn& column : columns) fields.push_back(field_of(column));
    const auto schema = ::arrow::schema(fields);
    ::parquet::WriterProperties::Builder properties;
    properties.compression(::parquet::Compression::ZSTD);
    const auto writer =
        must(::parquet::arrow::FileWriter::Open(*schema, ::arrow::default_memory_pool(), out, properties.build()));
    const auto builder = must(::arrow::RecordBatchBuilder::Make(schema, ::arrow::default_memory_pool()));
    Appender appender;
    std::string row;
    for (bool more = true; more;) {
      std::int64_t rows = 0;
      while (rows < batch_rows && (more = next(row))) {
        appender.append_members(
            columns, row,
            [&](std::size_t i) -> ::arrow::ArrayBuilder& { return *builder->GetField(static_cast<int>(i)); }, 0);
        ++rows;
      }
      if (rows == 0) break;
      const auto table = must(::arrow::Table::FromRecordBatches({must(builder->Flush())}));
      must(writer->WriteTable(*table, rows));
      out->check();
    }
    must(writer->Close());
    return out->sync();
  });
}

void read_json_rows(const std::string& path, const std::vector<std::string>& columns,
                    const std::function<void(std::string_view row)>& each) {
  guarded(path, [&] {
    const auto reader =
        must(::parquet::arrow::OpenFile(must(::arrow::io::ReadableFile::Open(path)), ::arrow::default_memory_pool()));
    const auto& parquet = *reader->parquet_reader()->metadata();
    std::vector<int> leaves;
    for (int i = 0; i < parquet.num_columns(); ++i)
      if (std::find(columns.begin(), columns.end(), parquet.schema()->GetColumnRoot(i)->name()) != columns.end())
        leaves.push_back(i);
    std::string row;
    for (int group = 0; group < parquet.num_row_groups(); ++group) {
      const auto table = must(must(reader->ReadRowGroup(group, leaves))->CombineChunks());
      for (std::int64_t i = 0; i < table->num_rows(); ++i) {
        row = "{";
        for (int column = 0; column < table->num_columns(); ++column) {
          const std::size_t before = row.size();
          append_key(row, table->field(column)->name());
          if (!append_json(row, *table->column(column)->chunk(0), i)) row.resize(before);
        }
        row += '}';
        if (row.size() > 2) each(row);
      }
    }
  });
}

}  // namespace weir
