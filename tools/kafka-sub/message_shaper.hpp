// Messages to records: the pure stage of kafka-sub.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/kafka/consumer.hpp"
#include "record/control_key.hpp"
#include "record/object_writer.hpp"
#include "record/payload_reader.hpp"
#include "record/source_time_field.hpp"

namespace weir::kafka_sub {

/// What a message has besides its payload.
enum class Meta : std::uint8_t { topic, partition, offset, timestamp, key, headers };

/// The name of a Meta in options and in an envelope.
std::string_view name_of(Meta meta);

/// The form of a record.
struct Shape {
  enum class Wrap : std::uint8_t {
    none,    ///< the payload is the record; a payload that is not a JSON object is rejected
    others,  ///< a payload that is not a JSON object becomes {"topic":…,"payload":…}
    envelope,  ///< every message becomes {"topic":…,"partition":…,"offset":…,"timestamp":…,"key":…,"payload":…}
  };
  Wrap wrap = Wrap::none;
  std::vector<std::string> meta{};  ///< fields to add: `offset` or `offset as NAME`
  std::size_t max_line = 1 << 20;
  NanTokens nan = NanTokens::rejected;
  SourceTimeFieldSettings time{};
};

/// Makes one line of each message: valid JSON that no program can take for a control line.
class MessageShaper {
 public:
  /// Throws std::invalid_argument, naming the option.
  explicit MessageShaper(Shape shape);

  /// Whether messages are to come with their headers.
  bool needs_headers() const { return needs_headers_; }

  /// Appends the record's line to `out`, or rejects the message and appends nothing. `received` is the time of day. A
  /// tombstone has a line only where messages are wrapped: its payload is null.
  Verdict write(const kafka::ReceivedMessage& message, Time received, std::string& out);

  /// The time of the last record written, where Shape::time asks for it (reads_always) and it has one.
  std::optional<Time> time() const { return time_.time(); }

 private:
  struct Added {
    Meta meta;
    std::string name;
    FieldId id;
  };
  Verdict write_wrapped(const kafka::ReceivedMessage& message, std::string& out);
  std::string_view token(const kafka::ReceivedMessage& message, Meta meta);
  void append_headers(const kafka::ReceivedMessage& message);

  Shape shape_;
  FieldSet fields_;
  ControlKeyGuard control_key_;
  SourceTimeField time_;
  bool needs_headers_ = false;  ///< set while added_ is made
  std::vector<Added> added_;
  PayloadReader payload_;
  Splicer splicer_;
  std::string token_;
  std::vector<std::size_t> by_name_;       ///< the headers' places, sorted by name
  std::vector<std::size_t> next_of_name_;  ///< of each header, the place of the next one of its name
  std::vector<bool> comes_again_;          ///< a header before it has the same name
};

}  // namespace weir::kafka_sub
