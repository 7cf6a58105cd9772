#include "state/outbox.hpp"

#include <fmt/format.h>

namespace weir::state {
namespace {

/// Memory beyond this is given back when an epoch was carried out.
constexpr std::size_t usual_bytes = 1 << 20;

}  // namespace

void Outbox::add(const Message& message) {
  const std::string_view raw = message.raw == message.payload ? std::string_view() : message.raw;
  entries_.push_back({bytes_.size(), message.target.size(), message.payload.size(), raw.size(), message.line});
  bytes_ += message.target;
  bytes_ += message.payload;
  bytes_ += raw;
}

Outbox::Message Outbox::operator[](std::size_t index) const {
  const Entry& entry = entries_[index];
  const std::string_view bytes = std::string_view(bytes_).substr(entry.at);
  const std::string_view payload = bytes.substr(entry.target, entry.payload);
  return {bytes.substr(0, entry.target), payload, entry.line,
          entry.raw == 0 ? payload : bytes.substr(entry.target + entry.payload, entry.raw)};
}

void Outbox::clear() {
  bytes_.clear();
  entries_.clear();
  if (bytes_.capacity() <= usual_bytes) return;
  bytes_.shrink_to_fit();
  entries_.shrink_to_fit();
}

void Outbox::snapshot(SnapshotWriter& to) const {
  to.number<std::uint64_t>(entries_.size());
  for (const Entry& entry : entries_) {
    to.number<std::uint64_t>(entry.target);
    to.number<std::uint64_t>(entry.payload);
    to.number<std::uint64_t>(entry.raw);
    to.number(entry.line);
  }
  to.text(bytes_);
}

void Outbox::restore(SnapshotReader& from) {
  clear();
  std::size_t at = 0;
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    Entry entry{at, 0, 0, 0, 0};
    entry.target = from.number<std::uint64_t>();
    entry.payload = from.number<std::uint64_t>();
    entry.raw = from.number<std::uint64_t>();
    entry.line = from.number<std::uint64_t>();
    at += entry.target + entry.payload + entry.raw;
    entries_.push_back(entry);
  }
  bytes_ = from.text();
  if (at != bytes_.size()) throw SnapshotError("the outbox is not whole");
}

std::string message_id(std::string_view pipe, std::uint64_t epoch, std::uint64_t number) {
  return fmt::format("{}-{}-{}", pipe, epoch, number);
}

}  // namespace weir::state
