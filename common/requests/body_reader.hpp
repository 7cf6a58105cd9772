// The body of a request, taken apart.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "influx/line_reader.hpp"
#include "record/record_list.hpp"
#include "record/senml.hpp"

namespace weir::requests {

/// What a body is made of.
enum class Format : std::uint8_t {
  unknown,
  json,    ///< an object, an array of objects, or a line an object
  ndjson,  ///< a line an object
  senml,
  influx,  ///< line protocol
  number   ///< a bare number, which becomes the field `value`
};

/// The format that a content type and a path tell; for a type that tells nothing, that of the body's first byte.
Format format_of(std::string_view content_type, std::string_view path, std::string_view body);

/// A part of a body that is to become a record.
struct Piece {
  std::uint64_t number = 0;    ///< of its line or its element, from 1
  std::string_view raw{};      ///< as it came
  std::string_view json{};     ///< the record, before anything is added
  std::string_view problem{};  ///< why there is none
};

/// Takes bodies apart. Not thread-safe.
class BodyReader {
 public:
  /// Records of one body, so that no request holds up the others.
  static constexpr std::uint64_t most_records = 100'000;

  BodyReader();

  /// Returns false where the body cannot be taken apart; reason() then tells why. `precision` is that of points' times.
  bool read(std::string_view body, Format format, influx::Precision precision, Time received);
  const std::string& reason() const { return reason_; }
  bool has_too_many() const { return reason_ == too_many_records; }

  /// The pieces of the last body, which must still be there; they live until the next call.
  const std::vector<Piece>& pieces() const { return pieces_; }
  /// What numbers count: `line` or `element`; empty for a body of one object.
  std::string_view counted() const { return counted_; }

 private:
  bool take_list(bool read);
  bool read_senml(std::string_view body, Time received);
  bool read_number(std::string_view body);
  bool read_points(std::string_view body, influx::Precision precision, Time received);
  void keep(std::uint64_t number, std::string_view raw, std::string_view json, std::string_view problem);
  void place_kept();

  RecordList list_;
  SenmlReader senml_;
  influx::LineReader points_;
  std::vector<Piece> pieces_;
  std::string kept_;  ///< texts of pieces that are not in the body
  struct Kept {
    std::size_t raw, json, problem;  ///< sizes
  };
  std::vector<Kept> sizes_;
  std::string_view counted_;
  std::string reason_;
  std::string line_;
};

}  // namespace weir::requests
