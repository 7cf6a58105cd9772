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

void Outbox::state(StateArchive& archive) {
  if (archive.loading()) clear();
  std::size_t at = 0;
  archive.list(entries_, [&](Entry& entry) {
    archive.values(entry.target, entry.payload, entry.raw, entry.line);
    entry.at = at;
    at += entry.target + entry.payload + entry.raw;
  });
  archive.value(bytes_);
  if (at != bytes_.size()) throw SnapshotError("the outbox is not whole");
}

std::string message_id(std::string_view pipe, std::uint64_t epoch, std::uint64_t number) {
  return fmt::format("{}-{}-{}", pipe, epoch, number);
}

}  // namespace weir::state
