// Entries: what another thread has read of a record, in bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "pipeline/divided.hpp"
#include "record/value.hpp"
#include "time/time_types.hpp"

namespace weir::win_agg {

/// Takes the parts of an entry one after the other.
class EntryCursor {
 public:
  explicit EntryCursor(const std::byte* at) : at_(at) {}

  /// The next part, which append_part() has written.
  template <typename Part>
  const Part& next() {
    const std::byte* const part = at_;
    at_ += sizeof(Part);
    return *reinterpret_cast<const Part*>(part);
  }
  std::string_view text(std::size_t size) {
    const std::byte* const begin = at_;
    at_ += (size + 7) & ~std::size_t{7};
    return {reinterpret_cast<const char*>(begin), size};
  }

 private:
  const std::byte* at_;
};

/// Appends a part of a size that is a multiple of 8.
template <typename Part>
void append_part(EntryBuffer& entries, const Part& part) {
  static_assert(sizeof(Part) % 8 == 0);
  new (entries.append(sizeof part)) Part(part);
}

/// The beginning of an entry; the key follows.
struct EntryHead {
  Time time;  ///< as the record has it
  std::uint32_t key_size;
  std::uint32_t is_window_end;
};

/// A value of a record, by its place in the line.
struct EntryToken {
  /// Marks beyond those of Kind: no sample, and that of the record itself.
  static constexpr std::uint32_t nothing = 254;
  static constexpr std::uint32_t the_record = 255;
  /// Longer lines are not read.
  static constexpr std::size_t longest_line = 0xffffff;

  double number = std::numeric_limits<double>::quiet_NaN();
  std::uint32_t begin = 0;
  std::uint32_t length : 24 = 0;
  std::uint32_t mark : 8 = nothing;

  bool is_value() const { return mark < nothing && mark > static_cast<std::uint32_t>(Kind::null); }
  bool is_null() const { return mark == static_cast<std::uint32_t>(Kind::null); }

  /// Takes the place of a value in a line; false where its text is not there.
  bool write(std::string_view line, const Value& value) {
    mark = static_cast<std::uint32_t>(value.kind);
    if (value.kind == Kind::missing) return true;
    if (value.kind == Kind::string && value.text.data() != value.raw.data() + 1) return false;
    begin = static_cast<std::uint32_t>(value.raw.data() - line.data());
    length = static_cast<std::uint32_t>(value.raw.size()) & longest_line;
    if (value.kind == Kind::number) number = value.fast_number;
    return true;
  }
  void read(std::string_view line, Value& value) const {
    value.kind = static_cast<Kind>(mark);
    value.raw = {line.data() + begin, length};
    value.text = value.kind == Kind::string ? value.raw.substr(1, length - 2) : value.raw;
    value.fast_number = number;
  }
};
static_assert(sizeof(EntryToken) == 16);

/// A member that may be a field to find; its number is NaN where it is none.
struct EntryMember {
  EntryToken value;
  std::uint32_t key_begin;  ///< without its quotes
  std::uint32_t key_size;
};

}  // namespace weir::win_agg
