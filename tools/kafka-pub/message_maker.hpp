// Records to messages: topic, key, payload, headers and time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/kafka/producer.hpp"
#include "record/field_template.hpp"
#include "record/field_watch.hpp"
#include "time/timestamp.hpp"

namespace weir::kafka_pub {

/// Whether Kafka can have a topic of this name.
bool is_topic(std::string_view name);

/// What becomes of a record whose payload field is missing or null.
enum class NoPayload : std::uint8_t { reject, tombstone };

/// The form of a message.
struct Form {
  std::string topic{};                 ///< a FieldTemplate
  std::string key{};                   ///< a field's path, or a FieldTemplate with braces; empty: no key
  std::vector<std::string> headers{};  ///< NAME=TEMPLATE
  std::string payload{};               ///< the field whose value is the payload; empty: the record's whole line
  NoPayload without = NoPayload::reject;
  std::string time_field{};  ///< the message's timestamp; empty: the time at which it is sent
};

/// Makes a message of each record.
class MessageMaker {
 public:
  /// Adds its fields to `fields`. No record goes to the topic `markers`. Throws std::invalid_argument, naming the
  /// option.
  MessageMaker(const Form& form, FieldSet& fields, std::string markers = {});

  /// Makes message() of the record, whose views live until the next call.
  Verdict make(const Record& record);
  const kafka::Message& message() const { return message_; }
  /// Puts another payload in its place, a view that lives as long.
  void set_payload(std::string_view payload) { message_.payload = payload; }

  /// The fields, with the options that name them.
  std::vector<NamedField> named_fields() const;
  /// The topic of every record, nothing where fields are in it.
  std::optional<std::string> fixed_topic() const;

 private:
  Verdict make_topic(const Record& record);

  struct NamedHeader {
    std::string name;
    FieldTemplate value;
  };
  FieldTemplate topic_template_;
  std::string markers_;
  std::optional<FieldTemplate> key_template_;
  std::optional<FieldId> payload_field_;
  std::optional<FieldTemplate> payload_template_;
  std::string payload_path_;
  NoPayload without_;
  std::optional<FieldId> time_id_;
  std::string time_path_;
  TimeParser times_;
  std::vector<NamedHeader> header_templates_;

  std::string topic_;
  bool has_topic_ = false;  ///< that of every record
  std::string key_;
  std::string payload_;
  std::vector<std::string> header_values_;
  std::vector<kafka::Header> headers_;
  kafka::Message message_;
};

}  // namespace weir::kafka_pub
