// From a line of bytes to a Record.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "record/record.hpp"

namespace weir {

/// How much of a line is checked.
enum class Checking : std::uint8_t {
  structure,   ///< the line holds one object, closed; UTF-8 and strings whole; every field that is read is valid
  every_token  ///< also every token that only passes through (`--strict-json`)
};

/// Limits on one line.
struct ParserLimits {
  std::size_t max_depth = 64;  ///< of nesting, at most 64
};

/// Parses lines into one Record that it owns and uses again.
class RecordParser {
 public:
  /// Bytes that must be readable (whatever they are) after a line given to parse().
  static constexpr std::size_t padding = 64;

  explicit RecordParser(const FieldSet& fields, Checking checking = Checking::structure, ParserLimits limits = {});
  ~RecordParser();
  RecordParser(const RecordParser&) = delete;
  RecordParser& operator=(const RecordParser&) = delete;

  /// Looks over many lines at once, which makes parse() faster for each of them: give it what was read in one go, from
  /// the beginning of a line to the end of one. The bytes must stay as they are, with `padding` readable ones after,
  /// until the next call. Whatever is wrong with a line is found by its own parse().
  void prepare(std::string_view lines);

  /// Parses one line, without its newline, whose buffer has `padding` more readable bytes. On success the record is
  /// valid to the next call; otherwise nullptr, and reason() has the reason.
  const Record* parse(std::string_view line, std::uint64_t line_number);

  /// As parse(), for a line without room after it: it is copied first.
  const Record* parse_copy(std::string_view line, std::uint64_t line_number);

  /// Calls `each` for the elements of a JSON array in order, until it returns false; `array` is the array's bytes, such
  /// as Value::raw of a field that is one, and is copied. An element is valid to the end of the call it is given to.
  /// False when the bytes are not an array; see reason(). The record that was parsed before is no longer valid.
  bool each_element(std::string_view array, const std::function<bool(const Value&)>& each);

  const std::string& reason() const { return reason_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string reason_;
};

}  // namespace weir
