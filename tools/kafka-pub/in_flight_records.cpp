#include "in_flight_records.hpp"

namespace weir::kafka_pub {

std::uint64_t InFlightRecords::keep(std::uint64_t line, std::string_view raw, std::string_view topic) {
  std::uint64_t number = records_.size();
  if (free_.empty()) {
    records_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  records_[number].line = line;
  records_[number].raw.assign(raw);
  records_[number].topic.assign(topic);
  return number;
}

}  // namespace weir::kafka_pub
