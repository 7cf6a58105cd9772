#include "claims.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/object_list.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/epoch_file.hpp"

namespace weir::lake_load {
namespace {

constexpr std::uint64_t most_commits = 999'999'999'999;

std::uint64_t number_of(const Value& value) {
  std::uint64_t number = 0;
  std::from_chars(value.raw.data(), value.raw.data() + value.raw.size(), number);
  return number;
}

}  // namespace

std::optional<Claim> Claims::last(Columns* columns) {
  const auto name = store_.first(folder_);
  if (!name) return std::nullopt;
  const auto bytes = store_.read(folder_ + '/' + *name);
  FieldSet fields;
  const FieldId number = fields.add("commit");
  const FieldId run = fields.add("run");
  const FieldId epoch = fields.add("epoch");
  const FieldId next = fields.add("next");
  const FieldId list = fields.add("columns");
  RecordParser parser(fields);
  std::string_view line = bytes ? std::string_view(*bytes) : std::string_view();
  if (line.ends_with('\n')) line.remove_suffix(1);
  const Record* const record = parser.parse_copy(line, 0);
  if (record == nullptr || number_of((*record)[number]) == 0)
    throw state::Unusable(fmt::format("{}/{} is not a commit of lake-load", folder_, *name));
  Claim claim{number_of((*record)[number]), std::string((*record)[run].text), number_of((*record)[epoch]),
              number_of((*record)[next])};
  if (columns == nullptr) return claim;
  FieldSet inner;
  const FieldId column_name = inner.add("name");
  const FieldId type = inner.add("type");
  const FieldId in_path = inner.add("in_path");
  ObjectList(inner).each((*record)[list].raw, [&](const Record* each) {
    if (each != nullptr)
      columns->adopt(std::string((*each)[column_name].text), ColumnType::parse((*each)[type].text),
                     (*each)[in_path].is_true() ? ValuesIn::path : ValuesIn::files);
    return true;
  });
  return claim;
}

bool Claims::put(std::uint64_t number, const Journal::Content& content, const Columns& columns) {
  std::string list = "[";
  for (const Column& column : columns.all()) {
    if (list.size() > 1) list += ',';
    ObjectWriter(list)
        .string("name", column.name)
        .string("type", column.type.name())
        .boolean("in_path", column.in_path)
        .end();
    list.pop_back();
  }
  list += ']';
  std::string files = "[";
  for (const FinishedFile& file : content.finished) {
    if (files.size() > 1) files += ',';
    append_json_string(files, file.path);
  }
  files += ']';
  std::string bytes;
  ObjectWriter(bytes)
      .integer("commit", static_cast<std::int64_t>(number))
      .string("run", content.run)
      .integer("epoch", static_cast<std::int64_t>(content.epoch))
      .integer("next", static_cast<std::int64_t>(content.next))
      .raw("columns", list)
      .raw("files", files)
      .end();
  return store_.put_if_absent(fmt::format("{}/{:012}.json", folder_, most_commits - number), bytes);
}

}  // namespace weir::lake_load
