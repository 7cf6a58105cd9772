// What streaming clients are still to be sent: the last messages, in bounded memory.
#pragma once
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <unordered_map>

namespace weir::web {

/// Whether a message counts as a record.
enum class MessageKind : std::uint8_t {
  record,  ///< counted, so that a client that missed some learns how many
  notice   ///< not counted: the stream has ended
};

/// A message on its way to the clients.
struct Message {
  MessageKind kind = MessageKind::record;
  std::uint64_t ordinal = 0;  ///< of a record: how many came before it; of others, how many records did
  std::string bytes{};
};

/// The last messages, oldest first, each at a position that never changes. When they take more than the limit the
/// oldest are forgotten; a client whose position is among these is skipped ahead. Each client only holds a position, so
/// a slow one costs no memory.
class Feed {
 public:
  /// `limit` in bytes, a message's overhead included. A message longer than it is forgotten at once.
  explicit Feed(std::size_t limit) : limit_(limit) {}

  void add(Message message) {
    bytes_ += cost(message);
    messages_.push_back(std::move(message));
    while (bytes_ > limit_) {
      bytes_ -= cost(messages_.front());
      messages_.pop_front();
      ++begin_;
    }
  }

  /// Forgets everything; positions go on.
  void clear() {
    begin_ += messages_.size();
    messages_.clear();
    messages_.shrink_to_fit();
    bytes_ = 0;
  }

  /// The position of the oldest message that is kept.
  std::uint64_t begin() const { return begin_; }
  /// The position that the next message will have.
  std::uint64_t end() const { return begin_ + messages_.size(); }
  const Message& at(std::uint64_t position) const { return messages_[position - begin_]; }
  std::size_t bytes() const { return bytes_; }

 private:
  static std::size_t cost(const Message& message) { return sizeof(Message) + message.bytes.capacity(); }
  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::uint64_t begin_ = 0;
  std::deque<Message> messages_;
};

/// How often each of many callers may do a thing: so many at once, and so many a second in the long run. Bounded: of
/// more callers than `most` those that have waited longest are forgotten.
class RateLimiter {
 public:
  RateLimiter(double per_second, double at_once, std::size_t most = 4096)
      : per_second_(per_second), at_once_(at_once), most_(most) {}

  /// Whether this caller may now; `now_s` is any clock in seconds that only goes forward.
  bool allow(const std::string& caller, double now_s);

 private:
  struct Bucket {
    std::string caller;
    double left;
    double at_s;
  };
  double per_second_;
  double at_once_;
  std::size_t most_;
  std::list<Bucket> buckets_;  ///< the one used last at the end
  std::unordered_map<std::string, std::list<Bucket>::iterator> places_;
};

}  // namespace weir::web
