// What the parsers of all providers share; no one else's header.
#pragma once
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.hpp"
#include "time/time_types.hpp"

namespace weir::weather {

/// A JSON object of a reply with the fields by their paths: small, made for one object and gone.
class ReplyObject {
 public:
  /// Nothing is thrown: an object that cannot be read has a reason(). `object` need not outlive the call.
  ReplyObject(std::string_view object, std::initializer_list<std::string_view> paths, bool members = false);

  bool ok() const { return record_ != nullptr; }
  std::string reason() const;

  /// The field of that path; missing when the object has none. The path must be one of those given.
  const Value& operator[](std::string_view path) const;
  std::span<const Member> members() const { return record_->members(); }

 private:
  FieldSet fields_;
  std::optional<RecordParser> parser_;
  const Record* record_ = nullptr;
};

/// Digits that a reply may use for one number.
inline constexpr std::size_t max_number_length = 64;

/// True when a field holds a number that a reading can bear: finite as a double, of bounded length.
bool is_number(const Value& value);

/// Takes a number's digits, or leaves `into` empty when the field is missing or null. Otherwise returns a reason.
std::string take_number(const Value& value, std::string_view path, std::string& into);

/// The tokens of an array, whatever they are; none, and `reason` is set, when it is not one to its end.
std::vector<std::string> array_tokens(std::string_view array, std::string& reason);

/// A token for text.
std::string string_token(std::string_view text);

/// The text with every control byte a blank, cut to `limit` bytes at a character's end.
std::string printable(std::string_view text, std::size_t limit);

/// The time of a Unix time in seconds.
std::optional<Time> time_of(const Value& value);

}  // namespace weir::weather
