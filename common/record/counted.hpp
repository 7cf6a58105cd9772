// Counts for messages.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// `1 record`, `2 records`.
inline std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

/// The counts of a stage for one message: those that are not 0, joined by `; `.
class CountReport {
 public:
  /// Adds `3 late records left out`, unless the count is 0.
  CountReport& add(std::uint64_t count, std::string_view noun, std::string_view what) {
    if (count == 0) return *this;
    if (!text_.empty()) text_ += "; ";
    text_ += counted(count, noun).append(" ").append(what);
    return *this;
  }
  /// As above, of what goes to the side file of --late where there is one.
  CountReport& add_late(std::uint64_t count, std::string_view noun, const std::string& what, bool kept) {
    return add(count, noun, what + (kept ? "written to --late" : "left out (--late FILE keeps them)"));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace weir
