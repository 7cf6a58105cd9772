#include "sparkplug/host.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "record/json_text.hpp"
#include "record/object_writer.hpp"

namespace weir::sparkplug {
namespace {

constexpr std::string_view space = "spBv1.0/";
constexpr std::size_t most_nodes = 10'000;
constexpr std::size_t most_known = 1'000'000;
constexpr std::chrono::seconds ask_pause{10};
constexpr std::uint64_t sequence_end = 256;
constexpr std::string_view death_number = "bdSeq";

/// Metrics of the protocol itself.
bool is_of_protocol(std::string_view name) {
  return name == death_number || name.starts_with("Node Control/") || name.starts_with("Device Control/");
}

std::optional<std::uint64_t> death_number_of(const Payload& payload) {
  for (const Metric& metric : payload.metrics)
    if (metric.name == death_number) return metric.integer;
  return std::nullopt;
}

}  // namespace

bool Host::read_topic(std::string_view topic, Message& message) {
  if (!topic.starts_with(space) || !is_utf8(topic)) return false;
  topic.remove_prefix(space.size());
  std::array<std::string_view, 4> levels{};
  std::size_t count = 0;
  for (;;) {
    const auto slash = topic.find('/');
    if (count == levels.size()) return false;
    levels[count++] = topic.substr(0, slash);
    if (slash == std::string_view::npos) break;
    topic.remove_prefix(slash + 1);
  }
  message = {.group = levels[0], .type = levels[1], .node = levels[2], .device = levels[3]};
  if (message.group == "STATE" && count == 2) message = {.group = {}, .type = "STATE", .node = {}, .device = {}};
  const bool of_device = message.type.starts_with('D');
  return message.type == "STATE" || (count == (of_device ? 4U : 3U) && !message.node.empty());
}

Host::Outcome Host::read(std::string_view topic, std::string_view bytes, Time received, const Each& each) {
  reason_.clear();
  notice_.clear();
  rebirth_.reset();
  const auto refuse = [this](std::string reason) {
    reason_ = std::move(reason);
    return Outcome::refused;
  };
  Message message{};
  if (!read_topic(topic, message)) return refuse("the topic is not spBv1.0/GROUP/MESSAGE/NODE or …/NODE/DEVICE");
  const auto is = [&message](std::string_view type) { return message.type == type; };
  if (is("STATE") || is("NCMD") || is("DCMD")) {
    ++ignored_;
    return Outcome::ignored;
  }
  const bool birth = is("NBIRTH") || is("DBIRTH");
  const bool death = is("NDEATH") || is("DDEATH");
  if (!birth && !death && !is("NDATA") && !is("DDATA"))
    return refuse(fmt::format("the message type '{}' is not of Sparkplug", message.type));
  Payload payload;
  if (std::string reason = read_payload(bytes, payload); !reason.empty()) return refuse(std::move(reason));
  const std::string place = fmt::format("{}/{}", message.group, message.node);
  if (!nodes_.contains(place) && nodes_.size() >= most_nodes) return refuse("there are too many nodes");
  Node& node = nodes_[place];
  if (is("NDEATH")) {
    // The broker sends the death of a connection perhaps after the birth of the next one.
    if (node.born && node.death_number && death_number_of(payload) != node.death_number) {
      ++ignored_;
      return Outcome::ignored;
    }
    node.born = false;
  } else {
    check_sequence(node, message, payload, received);
  }
  if (birth && !note_birth(node, message, payload)) return refuse("there are too many metrics in all births");
  if (death) {
    each(line_of(message, payload.timestamp, received) + '}', {}, {});
    return Outcome::taken;
  }
  for (const Metric& metric : payload.metrics)
    if (!is_of_protocol(metric.name)) write_metric(node, message, metric, payload, received, each);
  return Outcome::taken;
}

void Host::check_sequence(Node& node, const Message& message, const Payload& payload, Time received) {
  const std::uint64_t number = payload.sequence.value_or(0) % sequence_end;
  if (message.type == "NBIRTH") {
    node.sequence = number;
    return;
  }
  if (!node.born) {
    ++without_birth_;
    notice_ = fmt::format("{}/{}: {} without a birth", message.group, message.node, message.type);
    node.sequence = number;
    return ask_for_birth(node, message, received);
  }
  const std::uint64_t expected = (node.sequence + 1) % sequence_end;
  node.sequence = number;
  if (number == expected) return;
  ++gaps_;
  notice_ = fmt::format("{}/{}: sequence number {} instead of {}: messages are lost or came in another order",
                        message.group, message.node, number, expected);
  ask_for_birth(node, message, received);
}

void Host::ask_for_birth(Node& node, const Message& message, Time received) {
  if (node.asked != 0 && received - Time(Duration(node.asked)) < ask_pause) return;
  node.asked = received.time_since_epoch().count();
  rebirth_ = fmt::format("{}{}/NCMD/{}", space, message.group, message.node);
}

/// Remembers names, types and units; false where there are too many.
bool Host::note_birth(Node& node, const Message& message, const Payload& payload) {
  if (message.type == "NBIRTH") {
    known_ -= node.aliases.size() + node.names.size();
    node.aliases.clear();
    node.names.clear();
    node.born = true;
    node.death_number = death_number_of(payload);
  }
  for (const Metric& metric : payload.metrics) {
    if (metric.name.empty() || !is_utf8(metric.name) || !is_utf8(metric.unit)) continue;
    if (known_ >= most_known) return false;
    Alias known{.name = std::string(metric.name), .unit = std::string(metric.unit), .datatype = metric.datatype};
    const bool added =
        metric.alias
            ? node.aliases.insert_or_assign(*metric.alias, std::move(known)).second
            : node.names.insert_or_assign(fmt::format("{}/{}", message.device, metric.name), std::move(known)).second;
    known_ += added ? 1 : 0;
  }
  return true;
}

/// The beginning of a line, whose object is still open.
std::string Host::line_of(const Message& message, std::optional<std::uint64_t> milliseconds, Time received) const {
  std::string line;
  ObjectWriter writer(line);
  constexpr std::uint64_t latest = 9'000'000'000'000;
  const bool usable = milliseconds && *milliseconds <= latest;
  writer.time("timestamp", usable ? Time(std::chrono::milliseconds(*milliseconds)) : received);
  writer.string("group", message.group).string("node", message.node);
  if (!message.device.empty()) writer.string("device", message.device);
  writer.string("message", message.type);
  return line;
}

void Host::write_metric(const Node& node, const Message& message, const Metric& metric, const Payload& payload,
                        Time received, const Each& each) {
  const Alias* known = nullptr;
  if (metric.alias) {
    if (const auto found = node.aliases.find(*metric.alias); found != node.aliases.end()) known = &found->second;
  } else if (const auto found = node.names.find(fmt::format("{}/{}", message.device, metric.name));
             found != node.names.end()) {
    known = &found->second;
  }
  std::string name(metric.name);
  if (name.empty() && known != nullptr) name = known->name;
  if (is_of_protocol(name)) return;
  if (name.empty())
    return each({}, {},
                metric.alias ? fmt::format("alias {} is not known: its birth has not come", *metric.alias)
                             : "a metric has no name");
  if (!is_utf8(name) || !is_utf8(metric.unit)) return each({}, {}, "the name of a metric is not UTF-8");
  std::string line = line_of(message, metric.timestamp ? metric.timestamp : payload.timestamp, received);
  const auto add = [&line](std::string_view member, std::string_view text) {
    line.append(",\"").append(member).append("\":");
    append_json_string(line, text);
  };
  add("name", name);
  const std::string_view unit = metric.unit.empty() && known != nullptr ? std::string_view(known->unit) : metric.unit;
  if (!unit.empty()) add("unit", unit);
  const std::uint32_t datatype = metric.datatype == 0 && known != nullptr ? known->datatype : metric.datatype;
  if (const std::string reason = append_value(line, metric, datatype); !reason.empty()) return each({}, name, reason);
  if (metric.historical) line += ",\"historical\":true";
  line += '}';
  each(line, name, {});
}

void Host::state(StateArchive& archive) { archive.values(nodes_, known_, gaps_, without_birth_, ignored_); }

}  // namespace weir::sparkplug
