// The messages of an epoch, which are held until it is committed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/kafka/producer.hpp"

namespace weir::kafka_pub {

/// The messages of an epoch in order. A message takes its bytes and three to five more where topic, key and headers
/// have nothing to add. They are read in order; to go back is to read from the first one again. A payload stays where
/// it is until clear() or the end of both objects.
class EpochMessages {
 public:
  /// `raw` is the record, for the rejects.
  void add(const kafka::Message& message, std::uint64_t line, std::string_view raw);

  std::size_t size() const { return count_; }
  std::uint64_t bytes() const { return bytes_; }
  /// Bytes of the messages after the one that was read last.
  std::uint64_t bytes_unread() const { return bytes_ - bytes_read_; }
  /// Removes all. `other` gets the memory that they took, for messages to come.
  void clear(EpochMessages& other);

  /// The message, with its index as number; valid until the next call.
  const kafka::Message& message(std::size_t index);
  std::uint64_t line(std::size_t index);
  std::string_view raw(std::size_t index);

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
    std::size_t used = 0;
  };
  char* room_for(std::size_t most);
  std::uint64_t number_of(const std::string& header);
  void rewind();
  void seek(std::size_t index);
  void read_next();

  std::vector<Block> blocks_;
  std::size_t block_ = 0;  ///< that is written to
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t last_line_ = 0;
  std::string last_topic_;
  std::vector<std::string> header_names_;

  // The reader:
  std::size_t read_block_ = 0, read_at_ = 0;
  std::size_t next_ = 0;  ///< after the message that was read
  std::uint64_t bytes_read_ = 0;
  std::uint64_t line_ = 0;
  std::string_view raw_;
  std::string topic_;
  std::vector<kafka::Header> headers_;
  kafka::Message message_;
};

}  // namespace weir::kafka_pub
