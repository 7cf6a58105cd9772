// Parses a line of bytes into a Record.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "record/record.hpp"

namespace weir {

/// How thoroughly a line is checked.
enum class Checking : std::uint8_t {
  structure,   ///< one whole object, valid UTF-8 and strings, valid fields that are read
  every_token  ///< also every token that is only passed on (`--strict-json`)
};

/// The reason for a line of other JSON than an object.
inline constexpr const char* not_an_object = "not a JSON object";

/// Limits on one line.
struct ParserLimits {
  std::size_t max_depth = 64;  ///< of nesting, at most 64
};

/// Parses lines into one Record, which it owns and reuses.
class RecordParser {
 public:
  /// The number of bytes, of any value, that must be readable after a line for parse().
  static constexpr std::size_t padding = 64;

  explicit RecordParser(const FieldSet& fields, Checking checking = Checking::structure, ParserLimits limits = {});
  ~RecordParser();
  RecordParser(const RecordParser&) = delete;
  RecordParser& operator=(const RecordParser&) = delete;

  /// Scans many lines at once, which makes parse() faster for each of them. `block` runs from the beginning of a line
  /// to the end of one. Its bytes, and `padding` readable ones after them, must stay until the next call. Errors are
  /// found by parse().
  void prepare(std::string_view lines);

  /// Parses one line without its newline; `padding` more bytes must be readable after it. Returns the record, valid
  /// until the next call, or nullptr: reason() then has the reason.
  const Record* parse(std::string_view line, std::uint64_t line_number);

  /// As parse(), for the line at the beginning of `ahead`, whose end is not known, and which is in the block and has
  /// the shape of an earlier one. The line is as long as Record::line(), and a newline follows. Returns nullptr, with
  /// no reason, for any other line: parse() decides on it.
  const Record* parse_alike(std::string_view ahead, std::uint64_t line_number);

  /// As parse(), for a line without readable bytes after it: the line is copied first.
  const Record* parse_copy(std::string_view line, std::uint64_t line_number);

  /// Calls `each` for the elements of a JSON array in order, until it returns false. `array` is copied; it may be
  /// Value::raw. An element is valid during its call.
  ///
  /// Returns false when the bytes are not an array; see reason(). The record that was parsed before is no longer valid.
  bool each_element(std::string_view array, const std::function<bool(const Value&)>& each);

  const std::string& reason() const { return reason_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string reason_;
};

}  // namespace weir
