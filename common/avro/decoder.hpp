// Avro as records.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "avro/refusal.hpp"
#include "avro/schema.hpp"

namespace weir::avro {

/// What becomes of a NaN or an infinity, which JSON does not have.
enum class NanValues : std::uint8_t { rejected, null };

/// The limits on one message, which may come from anybody.
struct DecoderLimits {
  std::size_t max_depth = 64;         ///< of nested objects and lists
  std::size_t max_text = 16U << 20U;  ///< bytes of JSON: a list of nulls has a size for nothing
};

/// Reads Avro's binary encoding by the schema that it was written with, as JSON on one line.
///
/// A union's value stands without the name of its branch. Numbers have the digits that read back as the same value; a
/// decimal is a number with all its decimals; timestamps are RFC 3339 in UTC, or without an offset where they are
/// local; bytes and fixed are text of characters up to U+00FF. Memory is bounded by the limits; the schema may be
/// recursive. Not thread-safe.
class Decoder {
 public:
  explicit Decoder(std::shared_ptr<const Schema> schema, NanValues nan = NanValues::rejected, DecoderLimits limits = {})
      : schema_(std::move(schema)), nan_(nan), limits_(limits) {}

  /// Appends the value as JSON without a newline: an object where the schema is a record. Returns false when the bytes
  /// are not the encoding of one value: `out` is then as before, and reason() tells the path, the problem and the byte.
  bool decode(std::string_view message, std::string& out);
  const std::string& reason() const { return reason_; }

 private:
  bool value(const Node& node, std::size_t depth);
  bool record(const Node& node, std::size_t depth);
  bool blocks(const Node& node, std::size_t depth);
  bool item(const Node& node, std::size_t depth);
  bool choice(const Node& node, std::size_t depth);
  bool integer(const Node& node);
  bool boolean();
  bool enumeration(const Node& node);
  bool text(const Node& node);
  bool byte_string(const Node& node, std::string_view bytes);
  template <typename Number>
  bool real(const Node& node);
  bool varint(std::int64_t& number);
  bool length(std::string_view& bytes);
  bool take(std::size_t size, std::string_view& bytes);

  bool fail(std::string text) { return refusal_.fail(std::move(text)); }

  std::shared_ptr<const Schema> schema_;
  NanValues nan_;
  DecoderLimits limits_;
  const char* begin_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::string* out_ = nullptr;
  std::size_t most_ = 0;  ///< the greatest size of `out`
  std::string latin1_;
  Refusal refusal_;
  std::string reason_;  ///< of the last message that was refused
};

}  // namespace weir::avro
