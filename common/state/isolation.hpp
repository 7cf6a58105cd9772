// How the record is found at which a pipeline fails: pipe-run tells the source, by a variable, how to replay.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::state {

/// The variable that has an Isolation for the stages that pipe-run starts.
inline constexpr const char* isolation_variable = "WEIR_ISOLATE";

/// The greatest number of lines of an epoch while a record is looked for.
inline constexpr std::uint64_t most_isolated_lines = 4096;

/// How the source of the next run divides the stream. Each epoch is committed before the next one begins.
struct Isolation {
  std::uint64_t epoch = 0;      ///< the last one committed when this was decided
  std::uint64_t lines = 1;      ///< of the first epochs; see lines_of()
  std::uint64_t set_aside = 0;  ///< lines after that epoch which are rejected; nothing when another epoch is restored
  std::string reason{};         ///< of these rejects

  /// Lines of the nth epoch of the run, from 0: after every 16 epochs 16 times as many. Nothing: epochs as usual.
  std::optional<std::uint64_t> lines_of(std::uint64_t nth) const;
};

std::string to_text(const Isolation& isolation);
/// Nothing when the text is not that of an Isolation.
std::optional<Isolation> read_isolation(std::string_view text);

}  // namespace weir::state
