// What a host knows of the nodes of Sparkplug: births, aliases, sequence numbers.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sparkplug/payload.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::sparkplug {

/// Makes lines of messages. Not thread-safe.
///
/// A metric becomes `{"timestamp":"…Z","group":"G","node":"N","device":"D","message":"DDATA","name":"t","value":21.5}`;
/// a death becomes one line without name and value.
class Host {
 public:
  enum class Outcome : std::uint8_t {
    taken,    ///< lines or reasons were given for its metrics, perhaps none
    ignored,  ///< a command, a host's state, or a death that an earlier birth announced
    refused   ///< it cannot be read: reason() tells why
  };
  /// A line without its end, or the reason why a metric has none.
  using Each = std::function<void(std::string_view line, std::string_view metric, std::string_view reason)>;

  Outcome read(std::string_view topic, std::string_view payload, Time received, const Each& each);
  const std::string& reason() const { return reason_; }

  /// What a person should know about the last message, or nothing.
  const std::string& notice() const { return notice_; }
  /// The topic of a command that asks the last message's node for its birth, at most one a node in ten seconds.
  const std::optional<std::string>& rebirth_topic() const { return rebirth_; }

  std::uint64_t gaps() const { return gaps_; }
  std::uint64_t without_birth() const { return without_birth_; }
  std::uint64_t ignored() const { return ignored_; }

  void state(StateArchive& archive);

 private:
  struct Alias {
    std::string name{}, unit{};
    std::uint32_t datatype = 0;
    void state(StateArchive& archive) { archive.values(name, unit, datatype); }
  };
  struct Node {
    std::map<std::uint64_t, Alias> aliases{};
    std::map<std::string, Alias> names{};  ///< by device, slash and name: types and units of metrics without alias
    bool born = false;
    std::uint64_t sequence = 0;                   ///< of the last message
    std::optional<std::uint64_t> death_number{};  ///< bdSeq of the birth
    std::int64_t asked = 0;                       ///< when its birth was asked for; nanoseconds since 1970
    void state(StateArchive& archive) { archive.values(aliases, names, born, sequence, death_number, asked); }
  };
  struct Message {
    std::string_view group, type, node, device;
  };
  bool read_topic(std::string_view topic, Message& message);
  void check_sequence(Node& node, const Message& message, const Payload& payload, Time received);
  void ask_for_birth(Node& node, const Message& message, Time received);
  bool note_birth(Node& node, const Message& message, const Payload& payload);
  std::string line_of(const Message& message, std::optional<std::uint64_t> milliseconds, Time received) const;
  void write_metric(const Node& node, const Message& message, const Metric& metric, const Payload& payload,
                    Time received, const Each& each);

  std::map<std::string, Node, std::less<>> nodes_;
  std::size_t known_ = 0;  ///< metrics of all births
  std::string reason_, notice_;
  std::optional<std::string> rebirth_;
  std::uint64_t gaps_ = 0, without_birth_ = 0, ignored_ = 0;
};

}  // namespace weir::sparkplug
