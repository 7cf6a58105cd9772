// Why a value does not fit, and where it stands.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace weir::avro {

/// The reason for a refusal, and the path to its value. Functions that end with it return false.
class Refusal {
 public:
  /// Sets the reason; the path begins anew.
  bool fail(std::string reason) {
    path_.clear();
    reason_ = std::move(reason);
    return false;
  }

  /// Puts the name of a field, or `[2]`, before the path.
  bool within(std::string_view part) {
    if (!path_.empty() && path_.front() != '[') path_.insert(0, 1, '.');
    path_.insert(0, part);
    return false;
  }

  /// `readings[2].value: "abc" is not a double`; the reason alone for the whole value.
  std::string text() const { return path_.empty() ? reason_ : path_ + ": " + reason_; }

 private:
  std::string path_;
  std::string reason_;
};

}  // namespace weir::avro
