#include "record/field_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

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

}  // namespace

std::vector<NamedField> named_fields_of(const std::string& use, const std::vector<std::string>& paths) {
  std::vector<NamedField> named;
  for (const std::string& path : paths) named.push_back({read_field_as(path).path, use});
  return named;
}

std::string_view nearest_name(std::string_view name, const std::set<std::string>& names) {
  const std::string wanted = plain(name);
  std::string_view nearest;
  std::size_t best = wanted.size() / 3 + 2;  // more edits make another word of it
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

FieldWatch::FieldWatch(const std::vector<NamedField>& named, const FieldSet& fields) {
  for (const NamedField& each : named) {
    const bool twice = std::any_of(awaited_.begin(), awaited_.end(),
                                   [&each](const Awaited& other) { return other.named.path == each.path; });
    const auto id = fields.find(each.path);
    if ((id || fields.members()) && !twice) awaited_.push_back({id, each});
  }
}

void FieldWatch::look(const Record& record) {
  ++records_;
  const auto has_come = [&record](const Awaited& each) {
    if (each.id) return record[*each.id].kind != Kind::missing;
    const auto members = record.members();
    return std::any_of(members.begin(), members.end(),
                       [&each](const Member& member) { return member.key == each.named.path; });
  };
  std::erase_if(awaited_, has_come);
  if (waits()) gather(record.line(), "", 1);
}

void FieldWatch::gather(std::string_view object, const std::string& prefix, int depth) {
  FieldSet members;
  members.read_members();
  RecordParser parser(members);
  const Record* const record = parser.parse_copy(object, 0);
  if (record == nullptr) return;
  for (const Member& member : record->members()) {
    if (names_.size() >= most_names) return;
    const std::string path = prefix + member_path(member.key);
    if (member.value.kind == Kind::object && depth < deepest)
      gather(member.value.raw, path + ".", depth + 1);
    else
      names_.insert(path);
  }
}

std::vector<std::string> FieldWatch::messages(std::string_view so_far) const {
  std::vector<std::string> messages;
  if (!has_begun()) return messages;
  for (const Awaited& each : awaited_) {
    std::string text = fmt::format("no record has a field '{}'{} ({})", each.named.path, so_far, each.named.use);
    if (const std::string_view nearest = nearest_name(each.named.path, names_); !nearest.empty()) {
      text += fmt::format("; the nearest is '{}'", nearest);
    } else if (!names_.empty()) {
      std::vector<std::string> some(
          names_.begin(), std::next(names_.begin(), static_cast<std::ptrdiff_t>(std::min(names_.size(), most_shown))));
      text += fmt::format("; there are {}{}", fmt::join(some, ", "), names_.size() > most_shown ? ", …" : "");
    }
    messages.push_back(std::move(text));
  }
  return messages;
}

void FieldWatch::state(StateArchive& archive) {
  std::vector<std::string> paths;
  for (const Awaited& each : awaited_) paths.push_back(each.named.path);
  archive.value(paths);
  if (!archive.loading()) return;
  std::erase_if(awaited_, [&paths](const Awaited& each) {
    return std::find(paths.begin(), paths.end(), each.named.path) == paths.end();
  });
}

}  // namespace weir
