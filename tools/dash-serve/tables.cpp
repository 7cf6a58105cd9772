#include "tables.hpp"

#include <algorithm>
#include <stdexcept>

#include "record/json_text.hpp"

namespace weir::dash_serve {

TableSpec parse_table(std::string_view text) {
  TableSpec made;
  if (!is_utf8(text)) throw std::invalid_argument("it is not UTF-8");
  const auto equals = text.find('=');
  if (equals != std::string_view::npos) {
    made.title = text.substr(0, equals);
    text.remove_prefix(equals + 1);
  } else {
    made.title = text;
  }
  bool required = false;
  while (true) {
    const auto comma = text.find(',');
    std::string_view path = text.substr(0, comma);
    const bool optional = path.ends_with('?');
    if (optional) path.remove_suffix(1);
    if (path.empty()) throw std::invalid_argument("a field is missing: expected [TITLE=]FIELD,FIELD,…");
    made.columns.push_back({std::string(path), optional});
    required = required || !optional;
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (!required) throw std::invalid_argument("one field at least must be there in each record, without a ?");
  return made;
}

Tables::Tables(Settings settings, FieldSet& fields) : settings_(std::move(settings)) {
  if (settings_.tables.size() > most_tables) throw std::invalid_argument("there are more than eight tables");
  for (const TableSpec& table : settings_.tables) {
    std::vector<FieldId>& required = required_.emplace_back();
    for (const TableSpec::Column& column : table.columns) {
      const FieldId id = fields.add(column.path);
      if (!column.optional) required.push_back(id);
    }
    rings_.emplace_back();
  }
}

std::optional<std::size_t> Tables::match(const Record& record) const {
  for (std::size_t i = 0; i < required_.size(); ++i)
    if (std::all_of(required_[i].begin(), required_[i].end(),
                    [&](FieldId id) { return record[id].kind != Kind::missing; }))
      return i;
  return std::nullopt;
}

void Tables::keep(std::size_t table, std::string_view line, std::size_t most_bytes) {
  LineRing& ring = rings_[table];
  ring.push(line, settings_.rows);
  const std::size_t share = most_bytes / rings_.size();
  while (ring.bytes() > share && ring.size() > 1) ring.drop_oldest();
}

std::vector<std::string_view> Tables::lines(std::size_t table, std::size_t most) const {
  const LineRing& ring = rings_[table];
  std::size_t first = ring.size();
  for (std::size_t size = 0; first > 0; --first)
    if ((size += ring[first - 1].size()) > most) break;
  std::vector<std::string_view> lines;
  for (; first < ring.size(); ++first) lines.push_back(ring[first]);
  return lines;
}

std::size_t Tables::bytes() const {
  std::size_t sum = 0;
  for (const LineRing& ring : rings_) sum += ring.bytes();
  return sum;
}

std::string Tables::json() const {
  std::string out = "[";
  for (const TableSpec& table : settings_.tables) {
    if (out.size() > 1) out += ',';
    out += "{\"title\":";
    append_json_string(out, table.title);
    out += ",\"columns\":[";
    for (const TableSpec::Column& column : table.columns) {
      if (out.back() != '[') out += ',';
      out += "{\"field\":";
      append_json_string(out, column.path);
      out += column.optional ? ",\"optional\":true}" : "}";
    }
    out += "]}";
  }
  return out + ']';
}

}  // namespace weir::dash_serve
