// Records' commands on their way to the server.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::redis_load {

/// A record in a batch.
struct Entry {
  std::uint64_t line = 0;
  std::size_t text = 0;  ///< its commands
  std::size_t text_size = 0;
  std::size_t raw = 0;  ///< its line; empty where rejects are only counted
  std::size_t raw_size = 0;
  std::size_t uses = 0;  ///< its first key
  std::uint32_t use_count = 0;
  std::uint32_t commands = 0;
  bool refused = false;
};

/// A key whose type is looked at before the batch is applied.
struct KeyToCheck {
  std::uint64_t id = 0;
  std::string key;
  std::string_view type;  ///< as TYPE names it
};

/// Commands that are applied together or not at all.
struct Batch {
  std::string text;  ///< commands, as they are sent
  std::string raw;
  std::vector<Entry> entries;
  std::vector<std::uint64_t> uses;  ///< of all entries: the key and the type that a command needs, as a number
  std::vector<KeyToCheck> to_check;
  std::uint64_t epoch = 0;  ///< 0: without checkpoints

  std::size_t bytes() const { return text.size() + raw.size() + entries.size() * sizeof(Entry) + uses.size() * 8; }
  std::string_view raw_of(const Entry& entry) const { return std::string_view(raw).substr(entry.raw, entry.raw_size); }
  std::string_view text_of(const Entry& entry) const {
    return std::string_view(text).substr(entry.text, entry.text_size);
  }
};

}  // namespace weir::redis_load
