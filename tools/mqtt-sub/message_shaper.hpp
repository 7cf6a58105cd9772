// Messages to records: the pure stage of mqtt-sub.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/mqtt/client.hpp"
#include "record/arrival_shaper.hpp"
#include "record/payload_reader.hpp"
#include "record/record_list.hpp"
#include "record/senml.hpp"
#include "sparkplug/host.hpp"
#include "time/time_types.hpp"

namespace weir::mqtt_sub {

/// What payloads are made of.
enum class From : std::uint8_t { json, records, senml, sparkplug };

/// The form of a record.
struct Shape {
  enum class Wrap : std::uint8_t {
    none,      ///< the payload is the record; a payload that is not a JSON object is rejected
    others,    ///< a payload that is not a JSON object becomes {"topic":…,"payload":…}
    envelope,  ///< every message becomes {"topic":…,"qos":…,"retain":…,"payload":…}
  };
  Wrap wrap = Wrap::none;
  From from = From::json;
  /// Names for the topic's levels, from the first; `_` skips a level.
  std::vector<std::string> topic_fields;
  /// The field for the time of receipt; empty: no such field.
  std::string stamp;
  std::size_t max_line = 1 << 20;
  NanTokens nan = NanTokens::rejected;
  SourceTimeFieldSettings time{};
};

/// The name that skips a topic level.
inline constexpr std::string_view passed_over = "_";

/// The reason for a payload over the limit.
inline constexpr const char* too_long = "the payload is longer than --max-line";

/// Makes one line of each message, or several of a list of records, a pack of SenML or of Sparkplug: valid JSON that no
/// program can take for a control line.
class MessageShaper {
 public:
  /// Throws std::invalid_argument when the options of the time cannot be used.
  explicit MessageShaper(Shape shape);

  /// A part of a message that is no record.
  using OnReject = std::function<void(std::string_view raw, std::string_view reason)>;

  /// Appends the record's line to `out`, or rejects the message and appends nothing. Of several records, `on_reject`
  /// gets those that are rejected alone.
  Verdict write(const mqtt::Message& message, Time received, std::string& out, const OnReject& on_reject = {});

  sparkplug::Host& host() { return host_; }
  const sparkplug::Host& host() const { return host_; }

 private:
  void read_levels(std::string_view topic);
  Verdict write_part(std::string_view json, Time received, std::string& out);
  Verdict write_list(const mqtt::Message& message, Time received, std::string& out, const OnReject& on_reject);
  Verdict write_pack(const mqtt::Message& message, Time received, std::string& out, const OnReject& on_reject);
  Verdict write_sparkplug(const mqtt::Message& message, Time received, std::string& out, const OnReject& on_reject);
  Verdict write_wrapped(const mqtt::Message& message, Time received, std::string& out);

  Shape shape_;
  FieldSet fields_;
  ArrivalShaper arrival_;
  std::vector<std::optional<std::string_view>> levels_;  ///< of the message's topic, those that have names
  PayloadReader payload_;
  RecordList list_;
  SenmlReader senml_;
  sparkplug::Host host_;
  std::string token_;
};

}  // namespace weir::mqtt_sub
