// Numbers, texts and other single values as Avro.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "avro/exact_number.hpp"
#include "avro/logical.hpp"
#include "avro/schema.hpp"
#include "record/value.hpp"

namespace weir::avro {

/// How strictly a value is read: as one of several branches of a union, or as the only type that is left.
enum class Reading : std::uint8_t { exact, lenient };

/// Why a value does not fit its type.
enum class Misfit : std::uint8_t { none, kind, range, decimals, digits, characters, size };

/// The message: `"abc" is not a double`.
std::string misfit_text(const Node& node, std::string_view raw, Misfit why);

/// Whether bytes are records' values or defaults, whose decimals and uuids are the text of their bytes.
enum class Purpose : std::uint8_t { record, field_default };

/// Appends a number in Avro's variable length (zigzag).
void append_varint(std::string& out, std::int64_t value);

/// Writes single values. Its memory is used again; not thread-safe.
class ScalarWriter {
 public:
  explicit ScalarWriter(Purpose purpose) : purpose_(purpose) {}

  /// Appends the value; where it does not fit, nothing is appended.
  Misfit append(std::string& out, const Node& node, const Value& token, Reading reading);

 private:
  Misfit integer(std::string& out, const Node& node, const Value& token, Reading reading);
  Misfit decimal(std::string& out, const Node& node, const Value& token, Reading reading);
  Misfit text(std::string& out, const Node& node, const Value& token, Reading reading);

  Purpose purpose_;
  TimeReader times_;
  Unscaled unscaled_;
  std::string bytes_;
};

}  // namespace weir::avro
