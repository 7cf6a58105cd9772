#include "avro/infer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "avro/json_tree.hpp"
#include "avro/schema.hpp"
#include "record/value_checks.hpp"

namespace weir::avro {

/// What the samples had in one place.
struct SchemaGuess::Seen {
  bool null = false;
  bool boolean = false;
  bool whole = false;
  bool real = false;
  bool string = false;
  std::unique_ptr<Seen> items;  ///< of arrays
  bool record = false;
  std::uint64_t samples = 0;  ///< that had this place, null included
  std::vector<std::pair<std::string, std::unique_ptr<Seen>>> fields;
  std::uint64_t records = 0;  ///< samples that were records

  void add(const JsonTree& value, const std::string& place);
  Seen& field(const std::string& name, const std::string& place);
};

namespace {

bool is_whole(const std::string& number) {
  std::int64_t value = 0;
  const char* const end = number.data() + number.size();
  const auto done = std::from_chars(number.data(), end, value);
  return done.ec == std::errc{} && done.ptr == end;
}

}  // namespace

SchemaGuess::Seen& SchemaGuess::Seen::field(const std::string& name, const std::string& place) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& each) { return each.first == name; });
  if (found != fields.end()) return *found->second;
  if (!is_avro_name(name))
    throw std::invalid_argument(fmt::format(
        "{}\"{}\" cannot be a field's name in Avro: it takes letters, digits and _, and begins with a letter or _",
        place, shortened(name)));
  return *fields.emplace_back(name, std::make_unique<Seen>()).second;
}

void SchemaGuess::Seen::add(const JsonTree& value, const std::string& place) {
  ++samples;
  switch (value.kind) {
    case Kind::missing:
    case Kind::null:
      null = true;
      break;
    case Kind::boolean:
      boolean = true;
      break;
    case Kind::number:
      (is_whole(value.text) ? whole : real) = true;
      break;
    case Kind::string:
      string = true;
      break;
    case Kind::array:
      if (items == nullptr) items = std::make_unique<Seen>();
      for (const JsonTree& item : value.items) items->add(item, place);
      break;
    case Kind::object:
      record = true;
      ++records;
      for (std::size_t i = 0; i < value.names.size(); ++i)
        if (const std::string& name = value.names[i]; &value.items[i] == value.find(name))
          field(name, place).add(value.items[i], place + name + ": ");
      break;
  }
}

namespace {

/// Writes the schema, with names that no two records share.
class SchemaWriter {
 public:
  SchemaWriter(Nullable nullable, Numbers numbers) : nullable_(nullable), numbers_(numbers) {}

  template <typename Seen>
  std::string record(const Seen& seen, const std::string& name) {
    names_.insert(name);
    std::string text = fmt::format(R"({{"type":"record","name":"{}","fields":[)", name);
    for (const auto& [field, its] : seen.fields) {
      if (text.back() != '[') text += ',';
      const bool may_lack = its->null || its->samples < seen.records || nullable_ == Nullable::always;
      text += fmt::format(R"({{"name":"{}","type":{}{}}})", field, type(*its, field, may_lack),
                          may_lack ? R"(,"default":null)" : "");
    }
    return text + "]}";
  }

 private:
  template <typename Seen>
  std::string type(const Seen& seen, const std::string& field, bool may_lack) {
    std::vector<std::string> branches;
    if (may_lack) branches.emplace_back("\"null\"");
    if (seen.boolean) branches.emplace_back("\"boolean\"");
    if (seen.real || (seen.whole && numbers_ == Numbers::doubles))
      branches.emplace_back("\"double\"");
    else if (seen.whole)
      branches.emplace_back("\"long\"");
    if (seen.record) branches.push_back(record(seen, unused_name(field)));
    if (seen.items != nullptr)
      branches.push_back(fmt::format(R"({{"type":"array","items":{}}})", type(*seen.items, field, seen.items->null)));
    const bool nothing_known = branches.size() == (may_lack ? 1U : 0U);
    if (seen.string || nothing_known) branches.emplace_back("\"string\"");
    if (branches.size() == 1) return branches.front();
    return fmt::format("[{}]", fmt::join(branches, ","));
  }

  /// `readings` becomes Readings, or Readings2 where that is taken.
  std::string unused_name(std::string name) {
    if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
    std::string candidate = name;
    for (int number = 2; names_.contains(candidate); ++number) candidate = name + std::to_string(number);
    return candidate;
  }

  Nullable nullable_;
  Numbers numbers_;
  std::set<std::string> names_;
};

}  // namespace

SchemaGuess::SchemaGuess() : seen_(std::make_unique<Seen>()) {}
SchemaGuess::~SchemaGuess() = default;

void SchemaGuess::add(std::string_view record) {
  const JsonTree tree = read_json_tree(record);
  if (tree.kind != Kind::object) throw std::invalid_argument("not a JSON object");
  seen_->add(tree, "");
}

std::string SchemaGuess::text(std::string_view name, Nullable nullable, Numbers numbers) const {
  if (seen_->records == 0) throw std::invalid_argument("there is no record to infer a schema from");
  return SchemaWriter(nullable, numbers).record(*seen_, std::string(name));
}

}  // namespace weir::avro
