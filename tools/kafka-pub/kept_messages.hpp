// Messages that are held: an epoch's, or those that the brokers have not answered yet.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/kafka/producer.hpp"

namespace weir::kafka_pub {

/// The messages of an epoch in order, in one block of memory.
class EpochMessages {
 public:
  void add(const kafka::Message& message, std::uint64_t line, std::string_view raw);

  std::size_t size() const { return entries_.size(); }
  std::uint64_t bytes() const { return bytes_.size() + entries_.size() * sizeof(Entry); }
  void clear();

  /// The message, with its index as number; valid until the next call.
  const kafka::Message& message(std::size_t index);
  std::uint64_t line(std::size_t index) const { return entries_[index].line; }
  /// The record, for the rejects.
  std::string_view raw(std::size_t index) const;

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct Entry {
    std::size_t at = 0;  ///< in bytes_: topic, key, payload, record, then header values
    std::uint32_t topic = 0;
    std::uint32_t key = none;
    std::uint32_t payload = none;
    std::uint32_t raw = none;  ///< none: it is the payload
    std::uint32_t first_header = 0;
    std::uint32_t headers = 0;
    std::int64_t timestamp_ms = -1;
    std::uint64_t line = 0;
  };
  struct HeaderAt {
    std::string name;
    std::uint32_t size = 0;
  };
  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<HeaderAt> headers_at_;

  std::string topic_;
  std::vector<kafka::Header> headers_;
  kafka::Message message_;
};

/// Records whose messages are in flight, by a number that is used again.
class InFlightRecords {
 public:
  struct Record {
    std::uint64_t line = 0;
    std::string raw;
    std::string topic;
  };
  /// Keeps a record and returns its number.
  std::uint64_t keep(std::uint64_t line, std::string_view raw, std::string_view topic);
  const Record& operator[](std::uint64_t number) const { return records_[number]; }
  void release(std::uint64_t number) { free_.push_back(number); }

 private:
  std::vector<Record> records_;
  std::vector<std::uint64_t> free_;
};

}  // namespace weir::kafka_pub
