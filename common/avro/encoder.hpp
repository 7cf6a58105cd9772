// Records as Avro.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "avro/schema.hpp"

namespace weir::avro {

/// What becomes of members that the schema does not have.
enum class UnknownFields : std::uint8_t { counted, rejected };

/// How much work the defaults of a schema may be: they may stand in each other, and the schema may come from anybody.
struct DefaultWork {
  std::size_t depth = 0;
  std::size_t left = 10'000;
};

/// Writes records in Avro's binary encoding, by one schema.
///
/// What becomes what:
/// - A field that is missing becomes its default, or else null where its union allows it; otherwise the record is
/// refused.
/// - A union takes null as null, and any other value as the first branch that it fits: a number without point or
/// exponent
///   fits int and long in their ranges, every number float and double, a text string, or a symbol, time or uuid that is
///   written so. An object becomes the record that lacks no field of it and has most of its members, or else a map.
///   What fits none may still be a whole number with a point for a long, or a text for bytes and decimals. The Avro
///   JSON encoding
///   `{"string":"x"}` is understood too, unless a record of the union has a field or a map of it a key of that name.
/// - Bytes and fixed are text whose characters up to U+00FF stand for the bytes.
/// - Timestamps are RFC 3339 text, and a number is already in the type's unit; so for dates and times. What is finer
/// than the
///   unit is cut. A local timestamp has no offset.
/// - A decimal is a number, or a text that holds one, with as many decimals as the type has or less: nothing is
/// rounded.
/// - Integers are whole numbers (`5`, `5.0`, `5e3`) in their range. A float takes the nearest one.
/// - Of members with the same name the last counts, as everywhere.
///
/// Memory is used again: records like earlier ones allocate nothing, but for strings with escapes. Not thread-safe.
class Encoder {
 public:
  explicit Encoder(std::shared_ptr<const Schema> schema, UnknownFields unknown = UnknownFields::counted);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  /// Appends the encoding of one JSON value: a record's line without its newline. Returns false when it does not fit
  /// the schema: `out` is then as before, and reason() tells the path and the type (`readings[2].value: "abc" is not a
  /// double`).
  bool encode(std::string_view json, std::string& out);
  const std::string& reason() const;

  /// How many members of the last record, at any depth, the schema does not have.
  std::uint64_t unknown_fields() const;
  /// The name of the first of them, where there is one.
  const std::string& unknown_field() const;

 private:
  friend std::string encode_default(const Node& type, std::string_view json, std::string& out, DefaultWork& work);
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::shared_ptr<const Schema> schema_;
};

/// Appends the encoding of a field's default, whose bytes and decimals are text of characters up to U+00FF. Returns the
/// problem, empty where it fits.
std::string encode_default(const Node& type, std::string_view json, std::string& out, DefaultWork& work);

}  // namespace weir::avro
