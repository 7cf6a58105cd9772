// Schemas guessed from records.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::avro {

/// Which fields may be null or missing in later records.
enum class Nullable : std::uint8_t {
  as_seen,  ///< those that were, in a sample
  always    ///< all: such a schema stays compatible when fields are added
};

/// What a number becomes.
enum class Numbers : std::uint8_t {
  as_seen,  ///< a long where every sample was whole, else a double
  doubles   ///< always a double: the next value of a measurement that was 21 may be 21.5
};

/// Guesses a record's schema from samples: fields in the order in which they came; nested records and arrays; of unlike
/// kinds a union. A field that was null or missing is nullable, with null as its default.
class SchemaGuess {
 public:
  SchemaGuess();
  ~SchemaGuess();
  SchemaGuess(const SchemaGuess&) = delete;
  SchemaGuess& operator=(const SchemaGuess&) = delete;

  /// Takes a sample in, a JSON object. Throws std::invalid_argument when it is none, or has a name that Avro does not
  /// allow.
  void add(std::string_view record);

  /// The schema, under the full name `name` (`plant.Reading`); records in it are named for their fields. Throws
  /// std::invalid_argument when there was no sample.
  std::string text(std::string_view name, Nullable nullable = Nullable::as_seen,
                   Numbers numbers = Numbers::as_seen) const;

 private:
  struct Seen;
  std::unique_ptr<Seen> seen_;
};

}  // namespace weir::avro
