// Helpers of the parsers of all providers; private to this room.
#pragma once
#include <cstdint>
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

/// A JSON object of a reply, with its fields by their paths. Short-lived.
class ReplyObject {
 public:
  enum class Members : std::uint8_t { skipped, read };
  /// Reads the object without throwing: an unreadable one has a reason(). `object` need not outlive the call. Its
  /// members() are there where they are read.
  ReplyObject(std::string_view object, std::initializer_list<std::string_view> paths,
              Members members = Members::skipped);

  bool ok() const { return record_ != nullptr; }
  std::string reason() const;

  /// The field at that path, one of those given to the constructor; missing when the object lacks it.
  const Value& operator[](std::string_view path) const;
  std::span<const Member> members() const { return record_->members(); }

 private:
  FieldSet fields_;
  std::optional<RecordParser> parser_;
  const Record* record_ = nullptr;
};

/// The most digits that a reply may use for one number.
inline constexpr std::size_t max_number_length = 64;

/// True when a reading can hold the number: finite as a double, of bounded length.
bool is_number(const Value& value);

/// Takes a number's digits; `into` stays empty when the field is missing or null. Returns a reason otherwise.
std::string take_number(const Value& value, std::string_view path, std::string& into);

/// The tokens of an array; none, with `reason` set, when the text is not a whole array.
std::vector<std::string> array_tokens(std::string_view array, std::string& reason);

/// Text as a JSON string.
std::string string_token(std::string_view text);

/// The text with control bytes as blanks, cut to `limit` bytes at a character's end.
std::string printable(std::string_view text, std::size_t limit);

/// The time of a Unix time in seconds.
std::optional<Time> time_of(const Value& value);

}  // namespace weir::weather
