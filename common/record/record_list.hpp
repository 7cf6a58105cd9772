// JSON of several records, taken apart.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.hpp"

namespace weir {

/// Takes apart an object, an array of objects, or text with an object on each line. Not thread-safe.
class RecordList {
 public:
  /// What the numbers of parts count.
  enum class Counted : std::uint8_t { nothing, lines, elements };
  struct Part {
    std::uint64_t number = 0;  ///< from 1
    std::string_view text{};
  };

  /// Takes `most` records at most.
  explicit RecordList(std::uint64_t most = 100'000);

  /// Returns false where the text cannot be taken apart; reason() then tells why. A part may be no record all the same.
  bool read(std::string_view text);
  bool read_array(std::string_view array);
  bool read_lines(std::string_view text);
  const std::string& reason() const { return reason_; }

  /// Those of the last text, which must still be there; they live until the next call.
  const std::vector<Part>& parts() const { return parts_; }
  Counted counted() const { return counted_; }
  /// `line` or `element`; empty where the text is one object.
  std::string_view counted_name() const;

 private:
  bool begins_lines(std::string_view text);

  std::uint64_t most_;
  RecordParser probe_;
  std::vector<Part> parts_;
  Counted counted_ = Counted::nothing;
  std::string kept_;  ///< the texts of elements
  std::string reason_;
};

}  // namespace weir
