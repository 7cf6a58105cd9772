// Where a stage's bad records go.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

/// Takes records that are found to be bad only after on_record() has returned (a row that the server refuses), and what
/// a source was given that is no record.
class RejectLog {
 public:
  /// A record that the outside would not have.
  struct Refusal {
    std::uint64_t line = 0;
    std::string raw;
    std::string reason;
  };

  virtual ~RejectLog() = default;
  virtual void reject(std::uint64_t line, std::string_view raw, std::string_view reason) = 0;

  /// With checkpoints, from a sink that commits: these records of the epoch are refused. They stand durably in its
  /// snapshot when this returns, so that a kill neither loses nor doubles them; told again for the same epoch, only the
  /// last ones count. The sink's snapshot() is asked for again.
  virtual void refuse(std::span<const Refusal> refused) {
    for (const Refusal& each : refused) reject(each.line, each.raw, each.reason);
  }

  /// The file whose lines come now, for messages; empty for standard input.
  virtual void set_file(const std::string& file) { static_cast<void>(file); }
};

}  // namespace weir
