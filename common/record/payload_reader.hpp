// The payload of a message from outside as a record.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/parser.hpp"

namespace weir {

/// What becomes of NaN and infinity, which are not JSON.
enum class NanTokens : std::uint8_t { rejected, null };

/// Reads payloads: takes away what frames them, brings them onto one line, checks every token. Not thread-safe.
class PayloadReader {
 public:
  /// `fields` are those that the caller reads of record().
  PayloadReader(const FieldSet& fields, NanTokens nan);

  /// Reads a payload. Returns nullptr where it is not a JSON object; reason() then tells why. The record lives until
  /// the next call.
  const Record* read(std::string_view payload);
  const std::string& reason() const { return reason_; }

  /// The last payload as a JSON value for a field: the object itself, a value of another kind as it is, text as a
  /// string. Nothing where it is not UTF-8. Lives until the next call.
  std::optional<std::string_view> as_value();

 private:
  std::string_view on_one_line(std::string_view payload);
  std::optional<std::string_view> value_of(std::string_view text);

  NanTokens nan_;
  RecordParser parser_;
  RecordParser value_parser_;
  std::string_view whole_;    ///< the last payload as it came
  std::string_view payload_;  ///< on one line
  const Record* record_ = nullptr;
  std::string reason_;
  std::string one_line_;
  std::string repaired_;
  std::string candidate_;
  std::string token_;
};

}  // namespace weir
