#include "kept_messages.hpp"

namespace weir::kafka_pub {
namespace {

/// Memory that a usual epoch takes; what a burst has taken beyond it is given back.
constexpr std::size_t kept_bytes = 8 << 20;

std::uint32_t size_of(std::string_view text) { return static_cast<std::uint32_t>(text.size()); }

}  // namespace

void EpochMessages::add(const kafka::Message& message, std::uint64_t line, std::string_view raw) {
  Entry& entry = entries_.emplace_back();
  entry.at = bytes_.size();
  entry.line = line;
  entry.topic = size_of(*message.topic);
  bytes_ += *message.topic;
  if (message.key) {
    entry.key = size_of(*message.key);
    bytes_ += *message.key;
  }
  if (message.payload) {
    entry.payload = size_of(*message.payload);
    bytes_ += *message.payload;
  }
  if (!message.payload || message.payload->data() != raw.data() || message.payload->size() != raw.size()) {
    entry.raw = size_of(raw);
    bytes_ += raw;
  }
  if (message.timestamp) entry.timestamp_ms = message.timestamp->count();
  entry.first_header = static_cast<std::uint32_t>(headers_at_.size());
  entry.headers = static_cast<std::uint32_t>(message.headers.size());
  for (const kafka::Header& header : message.headers) {
    headers_at_.push_back({header.name, size_of(header.value)});
    bytes_ += header.value;
  }
}

void EpochMessages::clear() {
  if (bytes_.capacity() > kept_bytes) bytes_ = {};
  bytes_.clear();
  entries_.clear();
  headers_at_.clear();
}

const kafka::Message& EpochMessages::message(std::size_t index) {
  const Entry& entry = entries_[index];
  std::string_view rest = std::string_view(bytes_).substr(entry.at);
  const auto take = [&](std::uint32_t size) {
    const std::string_view part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
  };
  topic_.assign(take(entry.topic));
  message_.topic = &topic_;
  message_.key.reset();
  if (entry.key != none) message_.key = take(entry.key);
  message_.payload.reset();
  if (entry.payload != none) message_.payload = take(entry.payload);
  if (entry.raw != none) take(entry.raw);
  message_.timestamp.reset();
  if (entry.timestamp_ms >= 0) message_.timestamp = std::chrono::milliseconds(entry.timestamp_ms);
  headers_.clear();
  for (std::uint32_t i = 0; i < entry.headers; ++i) {
    const HeaderAt& header = headers_at_[entry.first_header + i];
    headers_.push_back({header.name, take(header.size)});
  }
  message_.headers = headers_;
  message_.number = index;
  return message_;
}

std::string_view EpochMessages::raw(std::size_t index) const {
  const Entry& entry = entries_[index];
  const auto size = [](std::uint32_t held) { return held == none ? 0 : held; };
  const std::size_t payload = entry.at + entry.topic + size(entry.key);
  if (entry.raw == none) return std::string_view(bytes_).substr(payload, entry.payload);
  return std::string_view(bytes_).substr(payload + size(entry.payload), entry.raw);
}

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
