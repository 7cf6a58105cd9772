#include "epoch_messages.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace weir::kafka_pub {
namespace {

constexpr std::size_t block_size = 256 << 10;

/// What a message has, in its first byte. The numbers follow: line, then sizes in this order; then the texts.
enum Has : unsigned char {
  has_topic = 1,  ///< another one than the message before
  has_key = 2,
  has_payload = 4,
  has_raw = 8,  ///< a record that is not the payload
  has_timestamp = 16,
  has_headers = 32
};

/// The most bytes of a number: seven bits in each, all but the last with the highest bit.
constexpr std::size_t longest_number = 10;

char* put(char* at, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) *at++ = static_cast<char>(number | 0x80);
  *at++ = static_cast<char>(number);
  return at;
}

std::uint64_t take(const char*& at) {
  std::uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    number |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return number;
  }
}

char* put(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

/// Room for so many bytes, in one block.
char* EpochMessages::room_for(std::size_t most) {
  if (block_ < blocks_.size() && blocks_[block_].size - blocks_[block_].used < most && blocks_[block_].used > 0)
    ++block_;
  if (block_ == blocks_.size()) blocks_.emplace_back();
  Block& block = blocks_[block_];
  if (block.size < most) {
    block.size = std::max(most, block_size);
    block.bytes = std::make_unique_for_overwrite<char[]>(block.size);
  }
  return block.bytes.get() + block.used;
}

std::uint64_t EpochMessages::number_of(const std::string& header) {
  const auto found = std::find(header_names_.begin(), header_names_.end(), header);
  if (found == header_names_.end()) header_names_.push_back(header);
  return static_cast<std::uint64_t>(std::find(header_names_.begin(), header_names_.end(), header) -
                                    header_names_.begin());
}

void EpochMessages::add(const kafka::Message& message, std::uint64_t line, std::string_view raw) {
  const bool other_topic = count_ == 0 || *message.topic != last_topic_;
  const std::string_view key = message.key.value_or("");
  const std::string_view payload = message.payload.value_or("");
  const bool raw_is_payload = message.payload && payload.data() == raw.data() && payload.size() == raw.size();
  if (raw_is_payload) raw = {};
  std::size_t most = 1 + longest_number * (7 + 2 * message.headers.size()) + key.size() + payload.size() + raw.size() +
                     (other_topic ? message.topic->size() : 0);
  for (const kafka::Header& header : message.headers) most += header.value.size();

  char* const begin = room_for(most);
  char* at = begin;
  *at++ = static_cast<char>((other_topic ? has_topic : 0) | (message.key ? has_key : 0) |
                            (message.payload ? has_payload : 0) | (raw_is_payload ? 0 : has_raw) |
                            (message.timestamp ? has_timestamp : 0) | (message.headers.empty() ? 0 : has_headers));
  at = put(at, line - last_line_);
  if (other_topic) at = put(at, message.topic->size());
  if (message.key) at = put(at, key.size());
  if (message.payload) at = put(at, payload.size());
  if (!raw_is_payload) at = put(at, raw.size());
  if (message.timestamp) at = put(at, static_cast<std::uint64_t>(message.timestamp->count()));
  if (!message.headers.empty()) at = put(at, message.headers.size());
  for (const kafka::Header& header : message.headers) at = put(put(at, number_of(header.name)), header.value.size());
  if (other_topic) at = put(at, std::string_view(*message.topic));
  at = put(put(put(at, key), payload), raw);
  for (const kafka::Header& header : message.headers) at = put(at, header.value);

  const auto size = static_cast<std::size_t>(at - begin);
  blocks_[block_].used += size;
  bytes_ += size;
  ++count_;
  last_line_ = line;
  if (other_topic) last_topic_ = *message.topic;
}

void EpochMessages::clear(EpochMessages& other) {
  // Blocks that this epoch did not need are freed, so that what a burst has taken is given back.
  blocks_.resize(std::min(blocks_.size(), block_ + 1));
  for (Block& block : blocks_) {
    if (block.size > block_size) continue;  // for one large message
    block.used = 0;
    other.blocks_.push_back(std::move(block));
  }
  blocks_.clear();
  block_ = 0;
  count_ = 0;
  bytes_ = 0;
  last_line_ = 0;
  last_topic_.clear();
  header_names_.clear();
  rewind();
}

void EpochMessages::rewind() {
  read_block_ = read_at_ = next_ = 0;
  bytes_read_ = 0;
  line_ = 0;
  topic_.clear();
}

void EpochMessages::seek(std::size_t index) {
  if (next_ == index + 1) return;
  if (next_ > index) rewind();
  while (next_ <= index) read_next();
}

void EpochMessages::read_next() {
  if (read_at_ == blocks_[read_block_].used) {
    ++read_block_;
    read_at_ = 0;
  }
  const char* const begin = blocks_[read_block_].bytes.get() + read_at_;
  const char* at = begin;
  const auto has = static_cast<unsigned char>(*at++);
  const auto number = [&](Has part) { return (has & part) != 0 ? take(at) : 0; };
  line_ += take(at);
  const std::uint64_t topic = number(has_topic), key = number(has_key), payload = number(has_payload),
                      raw = number(has_raw), timestamp = number(has_timestamp);
  headers_.resize(number(has_headers));
  for (kafka::Header& header : headers_) {
    header.name = header_names_[take(at)];
    header.value = {begin, take(at)};  // its size; where it is comes later
  }
  const auto text = [&](std::uint64_t size) {
    const std::string_view taken(at, size);
    at += size;
    return taken;
  };
  if ((has & has_topic) != 0) topic_ = text(topic);
  message_.key.reset();
  if ((has & has_key) != 0) message_.key = text(key);
  message_.payload.reset();
  if ((has & has_payload) != 0) message_.payload = text(payload);
  raw_ = (has & has_raw) != 0 ? text(raw) : *message_.payload;
  message_.timestamp.reset();
  if ((has & has_timestamp) != 0) message_.timestamp = std::chrono::milliseconds(timestamp);
  for (kafka::Header& header : headers_) header.value = text(header.value.size());
  message_.headers = headers_;
  message_.lasting = true;
  message_.number = next_++;
  const auto size = static_cast<std::size_t>(at - begin);
  read_at_ += size;
  bytes_read_ += size;
}

const kafka::Message& EpochMessages::message(std::size_t index) {
  seek(index);
  message_.topic = &topic_;  // of this object, also after a swap
  return message_;
}

std::uint64_t EpochMessages::line(std::size_t index) {
  seek(index);
  return line_;
}

std::string_view EpochMessages::raw(std::size_t index) {
  seek(index);
  return raw_;
}

}  // namespace weir::kafka_pub
