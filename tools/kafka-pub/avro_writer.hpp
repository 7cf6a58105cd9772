// Records in Avro, or framed for a registry of schemas.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "avro/encoder.hpp"
#include "net/registry/registry.hpp"
#include "record/counted.hpp"
#include "record/log.hpp"

namespace weir::kafka_pub {

/// What becomes of fields that the schema does not have.
enum class ExtraFields : std::uint8_t { rejected, ignored };

/// By which schemas payloads are written, and where these come from. With neither a schema nor a registry payloads are
/// no Avro.
struct SchemaChoice {
  std::shared_ptr<const avro::Schema> schema{};  ///< to register; without a registry there is no frame
  std::string json_schema{};                     ///< text of a JSON Schema to register; empty: none
  std::optional<registry::Settings> registry{};  ///< payloads begin with the number of their schema there
  std::string subject = "{topic}-value";         ///< where {topic} stands for the topic
  std::optional<std::int32_t> id{};              ///< of the schema in the registry; nothing: the subject's latest
  bool infers = false;                           ///< a subject without a schema gets one, from its first record
  ExtraFields extra = ExtraFields::rejected;
  bool given() const { return schema != nullptr || registry; }
};

/// The subject of a topic. Throws std::invalid_argument where the text has braces other than {topic}.
std::string subject_of(std::string_view text, std::string_view topic);

/// The name of the record in a schema that is inferred for a subject: `sensors.raw-value` gives `sensors_raw_value`.
std::string record_name(std::string_view subject);

/// Writes payloads, each by its topic's schema, which is found with the topic's first record. Not thread-safe.
class AvroWriter {
 public:
  /// `log` must outlive this.
  AvroWriter(SchemaChoice choice, Log& log);

  enum class Written : std::uint8_t {
    yes,
    rejected,  ///< reason() tells why
    later      ///< the registry has not answered: wait(), and write the same record again
  };
  /// Makes payload() of a record's line. Throws cli::UsageError where the registry refuses the schema or has none,
  /// registry::Unreachable.
  Written write(const std::string& topic, std::string_view line);
  /// Lives until the next call.
  std::string_view payload() const { return payload_; }
  const std::string& reason() const { return reason_; }

  /// Waits until the registry may have answered, or the limit has passed.
  void wait(std::chrono::milliseconds limit) { registry_->wait({}, limit); }

  /// Fields that were left out.
  void add_to(CountReport& report) const;

 private:
  /// How payloads of a topic are written: without an encoder as they are.
  struct Form {
    std::optional<std::int32_t> id;  ///< nothing: no frame
    std::unique_ptr<avro::Encoder> encoder;
  };
  Form* form_of(const std::string& topic, std::string_view line);
  registry::Question question_of(const std::string& subject, std::string_view line) const;
  const registry::RegisteredSchema* find_schema(const std::string& subject, std::string_view line);
  Form form_from(const registry::RegisteredSchema& found) const;
  std::unique_ptr<avro::Encoder> encoder_of(std::shared_ptr<const avro::Schema> schema) const;

  SchemaChoice choice_;
  std::unique_ptr<registry::Registry> registry_;
  std::unordered_map<std::string, Form> forms_;  ///< by topic
  const std::string* last_topic_ = nullptr;      ///< a key of forms_
  Form* last_ = nullptr;
  std::string empty_subject_;  ///< the subject under way, where the registry has no schema of it
  std::string payload_;
  std::string reason_;
  std::uint64_t extra_ = 0;
};

}  // namespace weir::kafka_pub
