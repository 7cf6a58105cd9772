#include "record/field_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "record/edit_distance.hpp"
#include "record/field_as.hpp"
#include "record/member_path.hpp"

namespace weir {
namespace {

/// Limits of the names gathered.
constexpr std::size_t most_names = 500;
constexpr std::size_t most_shown = 8;
constexpr int deepest = 3;

/// Without case, and with one sign for all that joins parts of a name.
std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name)
    text += c == '-' || c == ' ' || c == '.' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Finds the paths of fields, down to a depth.
class NameGatherer {
 public:
  explicit NameGatherer(std::set<std::string>& names) : names_(names) {}

  void object(std::string_view text, const std::string& prefix, int depth) {
    FieldSet fields;
    fields.read_members();
    RecordParser parser(fields);
    const Record* const record = parser.parse_copy(text, 0);
    if (record == nullptr) return;
    for (const Member& member : record->members()) {
      if (names_.size() >= most_names) return;
      const std::string path = prefix + member_path(member.key);
      if (member.value.kind == Kind::object && depth < deepest) {
        object(member.value.raw, path + ".", depth + 1);
        continue;
      }
      names_.insert(path);
      if (member.value.kind == Kind::array && depth < deepest) elements(member.value.raw, path, depth);
    }
  }

 private:
  /// The fields of the first elements of a list.
  void elements(std::string_view list, const std::string& path, int depth) {
    FieldSet fields;
    for (int i = 0; i < elements_seen; ++i) fields.add(fmt::format("list.{}", i));
    RecordParser parser(fields);
    const std::string holder = fmt::format("{{\"list\":{}}}", list);
    const Record* const record = parser.parse_copy(holder, 0);
    for (std::uint32_t i = 0; record != nullptr && i < elements_seen; ++i)
      if (const Value& value = (*record)[FieldId{i}]; value.kind == Kind::object)
        object(value.raw, fmt::format("{}.{}.", path, i), depth + 1);
  }

  static constexpr int elements_seen = 4;
  std::set<std::string>& names_;
};

}  // namespace

std::vector<NamedField> named_fields_of(const std::string& use, const std::vector<std::string>& paths) {
  std::vector<NamedField> named;
  for (const std::string& path : paths) named.push_back({read_field_as(path).path, use});
  return named;
}

std::string_view nearest_name(std::string_view name, const std::set<std::string>& names) {
  const std::string wanted = plain(name);
  std::string_view nearest;
  std::size_t best = std::min(wanted.size() / 3 + 2, wanted.size());  // more edits make another word of it
  for (const std::string& each : names) {
    const std::string other = plain(each);
    std::size_t distance = edit_distance(wanted, other);
    const bool part = wanted.size() >= 3 && other.size() >= 3 &&
                      (other.find(wanted) != std::string::npos || wanted.find(other) != std::string::npos);
    if (part) distance = std::min(distance, std::size_t{2});
    if (distance >= best) continue;
    best = distance;
    nearest = each;
  }
  return nearest;
}

std::string suggestion(std::string_view name, const std::set<std::string>& names) {
  if (names.empty()) return {};
  if (const std::string_view nearest = nearest_name(name, names); !nearest.empty())
    return fmt::format("; the nearest is '{}'", nearest);
  if (names.size() == 1) return fmt::format("; the only one is '{}'", *names.begin());
  const auto end = std::next(names.begin(), static_cast<std::ptrdiff_t>(std::min(names.size(), most_shown)));
  return fmt::format("; there are {}{}", fmt::join(names.begin(), end, ", "), names.size() > most_shown ? ", …" : "");
}

void gather_names(std::string_view object, std::set<std::string>& names) { NameGatherer(names).object(object, "", 1); }

FieldWatch::FieldWatch(const std::vector<NamedField>& named, const FieldSet& fields) {
  for (const NamedField& each : named) {
    const bool twice = std::any_of(awaited_.begin(), awaited_.end(), [&each](const Awaited& other) {
      return other.named.path == each.path && other.named.value == each.value;
    });
    const auto id = fields.find(each.path);
    if ((id || (fields.members() && each.value.empty())) && !twice) awaited_.push_back({id, each});
  }
}

void FieldWatch::look(const Record& record) {
  ++records_;
  const auto has_come = [this, &record](const Awaited& each) {
    if (!each.named.value.empty()) {
      const Value& value = record[*each.id];
      if (value.kind == Kind::string && values_.size() < most_names) values_.emplace(value.text);
      return value.kind == Kind::string && value.text == each.named.value;
    }
    if (each.id) return record[*each.id].kind != Kind::missing;
    const auto members = record.members();
    return std::any_of(members.begin(), members.end(),
                       [&each](const Member& member) { return member.key == each.named.path; });
  };
  std::erase_if(awaited_, has_come);
  if (waits_for_field()) gather_names(record.line(), names_);
}

std::vector<std::string> FieldWatch::messages(std::string_view so_far) const {
  std::vector<std::string> messages;
  if (!has_begun()) return messages;
  for (const Awaited& each : awaited_) {
    if (!each.named.value.empty()) continue;
    messages.push_back(fmt::format("no record has a field '{}'{} ({}){}", each.named.path, so_far, each.named.use,
                                   suggestion(each.named.path, names_)));
  }
  add_values(messages, so_far);
  return messages;
}

/// Adds a message on the values of each field and use.
void FieldWatch::add_values(std::vector<std::string>& messages, std::string_view so_far) const {
  if (values_.empty()) return;  // the field itself has not come
  std::map<std::pair<std::string, std::string>, std::set<std::string>> missed;
  for (const Awaited& each : awaited_)
    if (!each.named.value.empty()) missed[{each.named.path, each.named.use}].insert(each.named.value);
  for (const auto& [named, values] : missed)
    messages.push_back(fmt::format("no record has the {} '{}'{} ({}){}", named.first, fmt::join(values, "', '"), so_far,
                                   named.second, suggestion(values.size() == 1 ? *values.begin() : "", values_)));
}

bool FieldWatch::waits_for_field() const {
  return std::any_of(awaited_.begin(), awaited_.end(), [](const Awaited& each) { return each.named.value.empty(); });
}

void FieldWatch::state(StateArchive& archive) {
  const auto name = [](const Awaited& each) {
    return each.named.value.empty() ? each.named.path : each.named.path + "=" + each.named.value;
  };
  std::vector<std::string> paths;
  for (const Awaited& each : awaited_) paths.push_back(name(each));
  archive.value(paths);
  if (!archive.loading()) return;
  std::erase_if(awaited_,
                [&](const Awaited& each) { return std::find(paths.begin(), paths.end(), name(each)) == paths.end(); });
}

}  // namespace weir
