// Payloads in Avro, or framed for a registry of schemas, as JSON.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "avro/decoder.hpp"
#include "net/registry/registry.hpp"
#include "record/log.hpp"

namespace weir::kafka_sub {

/// Where the schemas of payloads come from. `schema` or `registry` is set, or neither: payloads are then no Avro.
struct SchemaSource {
  std::shared_ptr<const avro::Schema> schema{};  ///< payloads are Avro by this schema, without a frame
  std::optional<registry::Settings> registry{};  ///< payloads begin with the number of their schema there
  std::optional<registry::Question> only{};      ///< all payloads have this schema of the registry, and no frame
  std::chrono::steady_clock::duration ask_again = std::chrono::minutes(1);  ///< for a number it did not have
  bool given() const { return schema != nullptr || registry; }
};

/// Reads payloads by their schemas. Each schema is asked for once, and one that the registry does not have once in
/// SchemaSource::ask_again. Not thread-safe.
class AvroReader {
 public:
  /// `longest` is the most bytes of a payload's JSON. `log` must outlive this.
  AvroReader(const SchemaSource& source, avro::NanValues nan, std::size_t longest, Log& log);

  enum class Read : std::uint8_t {
    yes,
    rejected,  ///< reason() tells why
    later      ///< the registry has not answered: wait(), and read the same payload again
  };
  /// Reads one payload. Throws cli::UsageError where the registry refuses to answer or does not have
  /// SchemaSource::only, and registry::Unreachable.
  Read read(std::string_view payload);
  /// The payload's JSON, until the next call.
  std::string_view json() const { return json_; }
  const std::string& reason() const { return reason_; }

  /// Whether the last payload is to be read again.
  bool awaits_schema() const { return awaits_schema_; }
  /// Waits until that may help, one of `also` is ready, or `limit` (negative: none) has passed.
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit) { registry_->wait(also, limit); }

 private:
  using clock = std::chrono::steady_clock;
  /// How payloads of a schema are read: by a decoder; as they are; or not at all.
  struct Form {
    std::unique_ptr<avro::Decoder> decoder;
    std::string problem;
  };
  /// A schema that the registry did not have.
  struct Missing {
    std::string problem;
    clock::time_point ask_again;
  };
  Read reject(std::string reason);
  Read later();
  Read read_framed(std::string_view payload);
  Form* form_of(std::int32_t id);
  Form* only_form();
  void note_missing(std::int32_t id, std::string problem);
  bool is_missing(std::int32_t id);
  Form form_from(const registry::RegisteredSchema& found) const;
  Read read_as(Form& form, std::string_view payload);

  avro::NanValues nan_;
  avro::DecoderLimits limits_;
  std::unique_ptr<registry::Registry> registry_;
  std::optional<registry::Question> question_;  ///< for the schema of all payloads
  std::optional<Form> only_;                    ///< of all payloads, where these have no frame
  std::unordered_map<std::int32_t, Form> forms_;
  std::unordered_map<std::int32_t, Missing> missing_;
  clock::duration ask_again_;
  std::int32_t last_id_ = -1;
  Form* last_ = nullptr;  ///< messages come in runs of one schema
  bool awaits_schema_ = false;
  std::string text_;
  std::string_view json_;
  std::string reason_;
};

}  // namespace weir::kafka_sub
