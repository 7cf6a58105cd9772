#include "pack.hpp"

#include <algorithm>

namespace weir::mqtt_pub {

bool Pack::takes(std::string_view topic, std::string_view value) const {
  return empty() || (!full() && topic == topic_ && payload_.size() + 1 + value.size() <= limits_.bytes);
}

void Pack::add(const state::Outbox::Message& record) {
  if (empty()) {
    topic_ = record.target;
    payload_ = '[';
  } else {
    payload_.back() = ',';
  }
  const bool shared = record.raw.data() == record.payload.data() && record.raw.size() == record.payload.size();
  parts_.push_back({record.line, shared ? payload_.size() : raw_.size(), record.raw.size()});
  payload_ += record.payload;
  payload_ += ']';
  if (!shared) raw_ += record.raw;
}

void Pack::clear() {
  topic_.clear();
  payload_.clear();
  raw_.clear();
  parts_.clear();
}

void PackedRecords::add(std::uint64_t number, const Pack& pack) {
  for (const Pack::Part& part : pack.parts()) records_.push_back({number, part});
}

std::vector<PackedRecords::Packed>::const_iterator PackedRecords::first_of(std::uint64_t number) const {
  return std::lower_bound(records_.begin(), records_.end(), number,
                          [](const Packed& record, std::uint64_t wanted) { return record.message < wanted; });
}

void PackedRecords::state(StateArchive& archive, const state::Outbox& outbox) {
  archive.list(records_);
  if (!archive.loading()) return;
  std::uint64_t last = 0;
  for (const auto& [message, part] : records_) {
    const bool known = message >= last && message < outbox.size();
    const std::size_t size = known ? outbox[message].raw.size() : 0;
    if (!known || part.at > size || part.size > size - part.at)
      throw SnapshotError("the records of the outbox are not those of its messages");
    last = message;
  }
}

}  // namespace weir::mqtt_pub
