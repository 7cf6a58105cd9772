// The texts of options that choose partitions and offsets.
#pragma once
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/errors.hpp"
#include "kafka_sub.hpp"
#include "time/timestamp.hpp"

namespace weir::kafka_sub {

/// A number that is the whole text. Throws cli::UsageError, naming the option.
inline int number_of(const std::string& text, const char* option) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 0)
    throw cli::UsageError(std::string(option) + ": '" + text + "' is not a number");
  return number;
}

/// Reads --partitions and --shard. Throws cli::UsageError.
inline void set_share(Settings& settings, const std::vector<std::string>& partitions, const std::string& shard) {
  for (const std::string& text : partitions) settings.partitions.insert(number_of(text, "--partitions"));
  if (shard.empty()) return;
  const auto slash = shard.find('/');
  if (slash == std::string::npos) throw cli::UsageError("--shard takes K/N, such as 1/4");
  settings.shard = number_of(shard.substr(0, slash), "--shard") - 1;
  settings.shards = number_of(shard.substr(slash + 1), "--shard");
  if (settings.shard < 0 || settings.shard >= settings.shards)
    throw cli::UsageError("--shard takes K/N with K from 1 to N");
}

/// The offsets of `0:1500,1:1498`; nothing where the text is of another form. Throws cli::UsageError.
inline std::optional<std::map<int, std::int64_t>> offsets_of(std::string_view text) {
  std::map<int, std::int64_t> offsets;
  while (true) {
    int partition = 0;
    std::int64_t offset = 0;
    const char* const end = text.data() + text.size();
    const auto number = std::from_chars(text.data(), end, partition);
    if (number.ec != std::errc() || number.ptr == end || *number.ptr != ':' || partition < 0) return std::nullopt;
    const auto place = std::from_chars(number.ptr + 1, end, offset);
    if (place.ec != std::errc() || offset < 0) return std::nullopt;
    if (!offsets.try_emplace(partition, offset).second)
      throw cli::UsageError("--from: partition " + std::to_string(partition) + " has two offsets");
    if (place.ptr == end) return offsets;
    if (*place.ptr != ',') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(place.ptr + 1 - text.data()));
  }
}

/// Reads --from. Throws cli::UsageError.
inline void set_begin(Settings& settings, const std::string& begin) {
  TimeParser times;
  if (begin.empty()) {
    settings.from = settings.consumer.group.empty() ? From::end : From::committed;
  } else if (begin == "start" || begin == "end") {
    settings.from = begin == "start" ? From::start : From::end;
  } else if (begin == "committed") {
    if (settings.consumer.group.empty()) throw cli::UsageError("--from committed needs --group");
    settings.from = From::committed;
  } else if (auto offsets = offsets_of(begin)) {
    settings.from = From::offsets;
    settings.from_offsets = std::move(*offsets);
  } else if (times.parse(begin, settings.from_time)) {
    settings.from = From::time;
  } else {
    throw cli::UsageError(
        "--from '" + begin +
        "': it takes start, end, committed, a time such as 2026-07-01T00:00:00Z, or offsets such as 0:1500,1:1498");
  }
}

}  // namespace weir::kafka_sub
