// SenML in CBOR (RFC 8428, 6) as SenML in JSON; the door to libcbor.
#pragma once
#include <string>
#include <string_view>

namespace weir::cbor {

/// Rewrites packs. Not thread-safe.
class SenmlJson {
 public:
  /// Appends the pack as JSON to `json`, which grows to some twelve times the pack at most. Returns false where it is
  /// not well-formed, or not an array of maps; reason() then tells why.
  bool write(std::string_view pack, std::string& json);
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

}  // namespace weir::cbor
