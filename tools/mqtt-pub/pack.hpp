// Several records in one message: a JSON array.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/archive.hpp"
#include "state/outbox.hpp"

namespace weir::mqtt_pub {

/// The array that is being filled: records in a row with the same topic.
class Pack {
 public:
  struct Limits {
    std::uint64_t records = 1;
    std::uint64_t bytes = 1;  ///< of the payload; a longer record stands alone
  };
  /// A record of the pack.
  struct Part {
    std::uint64_t line = 0;  ///< of the record in the input
    std::size_t at = 0;      ///< its place in raw()
    std::size_t size = 0;
  };
  explicit Pack(Limits limits) : limits_(limits) {}

  bool empty() const { return parts_.empty(); }
  std::size_t size() const { return parts_.size(); }
  std::uint64_t held_bytes() const { return payload_.size() + raw_.size() + parts_.size() * sizeof(Part); }

  /// Whether a record can join those that are here.
  bool takes(std::string_view topic, std::string_view value) const;
  /// Whether no other record can join.
  bool full() const { return parts_.size() >= limits_.records || payload_.size() >= limits_.bytes; }
  /// Adds a record, whose payload is the element. One whose raw text is the payload, at the same address, is kept once.
  void add(const state::Outbox::Message& record);
  /// Removes all records; keeps the memory.
  void clear();

  const std::string& topic() const { return topic_; }
  /// The array, whole at any time.
  std::string_view payload() const { return payload_; }
  /// The text that has the raw records at the places of parts().
  std::string_view raw() const { return raw_.empty() ? payload() : raw_; }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  Limits limits_;
  std::string topic_;
  std::string payload_;
  std::string raw_;  ///< empty where the payload has the raw records
  std::vector<Part> parts_;
};

/// The records of an outbox whose messages are packs.
class PackedRecords {
 public:
  /// Adds those of message `number`, the greatest so far.
  void add(std::uint64_t number, const Pack& pack);
  bool empty() const { return records_.empty(); }
  std::uint64_t bytes() const { return records_.size() * sizeof(Packed); }
  void clear() { records_.clear(); }

  /// Calls `use(line, raw)` for each record of a message.
  template <typename Use>
  void for_each(std::uint64_t number, const state::Outbox::Message& message, Use use) const {
    for (auto record = first_of(number); record != records_.end() && record->message == number; ++record)
      use(record->part.line, message.raw.substr(record->part.at, record->part.size));
  }

  /// Throws SnapshotError where the records are not those of `outbox`, which was loaded before.
  void state(StateArchive& archive, const state::Outbox& outbox);

 private:
  struct Packed {
    std::uint64_t message = 0;
    Pack::Part part;
  };
  std::vector<Packed>::const_iterator first_of(std::uint64_t number) const;
  std::vector<Packed> records_;  ///< by message
};

}  // namespace weir::mqtt_pub
