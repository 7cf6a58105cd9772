// Records whose messages the brokers have not answered yet.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::kafka_pub {

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
