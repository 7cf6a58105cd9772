#include "rules.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <map>
#include <stdexcept>
#include <utility>

#include "record/number.hpp"

namespace weir::edge_filter {
namespace {

/// The name of all types that have no value of their own.
constexpr std::string_view others = "*";

/// Smoothing of the types that --smooth does not name.
constexpr std::array<std::pair<const char*, const char*>, 5> usual_smoothing{{{"accelerometer", "filtfilt:3:0.1"},
                                                                              {"gyroscope", "filtfilt:3:0.1"},
                                                                              {"temperature", "mean:5"},
                                                                              {"humidity", "mean:5"},
                                                                              {"*", "median:3"}}};

[[noreturn]] void refuse(std::string_view option, std::string_view text, std::string_view form) {
  throw std::invalid_argument(fmt::format("{}: '{}' is not {}", option, text, form));
}

template <typename Value>
using ByType = std::map<std::string, Value, std::less<>>;

/// The values of one option; `read(text)` gives one, or nothing.
template <typename Value, typename Read>
ByType<Value> read_all(std::string_view option, const std::vector<std::string>& texts, std::string_view form,
                       Read read) {
  ByType<Value> all;
  for (const std::string& text : texts) {
    const auto equals = text.rfind('=');
    const std::string type = equals == std::string::npos ? std::string(others) : text.substr(0, equals);
    const std::string_view rest = std::string_view(text).substr(equals == std::string::npos ? 0 : equals + 1);
    const std::optional<Value> value = read(rest);
    if (!value || type.empty()) refuse(option, text, form);
    if (!all.emplace(type, *value).second)
      throw std::invalid_argument(fmt::format("{}: '{}' has two values", option, type));
  }
  return all;
}

std::optional<double> read_positive(std::string_view text) {
  const std::optional<double> number = parse_json_number(text);
  return number && *number >= 0 ? number : std::nullopt;
}

template <typename Integer>
std::optional<Integer> read_whole(std::string_view text, Integer most) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

std::optional<Smoothing> read_smoothing(std::string_view text) {
  using Method = Smoothing::Method;
  Smoothing smoothing;
  if (text == "none") return smoothing;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  if (name == "mean" || name == "median") {
    smoothing.method = name == "mean" ? Method::mean : Method::median;
    const auto readings = read_whole<std::size_t>(text, 10'000);
    if (!readings || *readings == 0) return std::nullopt;
    smoothing.readings = *readings;
    return smoothing;
  }
  if (name != "lowpass" && name != "filtfilt") return std::nullopt;
  smoothing.method = name == "lowpass" ? Method::lowpass : Method::filtfilt;
  const auto second = text.find(':');
  if (second == std::string_view::npos) return std::nullopt;
  const auto order = read_whole<int>(text.substr(0, second), 50);
  const auto cutoff = read_positive(text.substr(second + 1));
  if (!order || *order < 1 || !cutoff || *cutoff <= 0 || *cutoff >= 1) return std::nullopt;
  smoothing.order = *order;
  smoothing.cutoff = *cutoff;
  return smoothing;
}

std::optional<Band> read_band(std::string_view text) {
  Band band;
  band.share = !text.empty() && text.back() == '%';
  if (band.share) text.remove_suffix(1);
  const auto width = read_positive(text);
  if (!width) return std::nullopt;
  band.width = band.share ? *width / 100 : *width;
  return band;
}

/// The length of `LOW..HIGH`.
std::optional<double> read_span(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto low = parse_json_number(text.substr(0, dots));
  const auto high = parse_json_number(text.substr(dots + 2));
  if (!low || !high || *high <= *low) return std::nullopt;
  return *high - *low;
}

template <typename Value>
const Value* value_of(const ByType<Value>& values, std::string_view type) {
  auto found = values.find(type);
  if (found == values.end()) found = values.find(others);
  return found == values.end() ? nullptr : &found->second;
}

/// Whether a type is named itself, not among the others.
template <typename Value>
bool names(const ByType<Value>& values, std::string_view type) {
  return values.find(type) != values.end();
}

}  // namespace

Types::Types(const TypeOptions& options) {
  const auto whole = [](std::string_view text) { return read_whole<std::uint64_t>(text, 1'000'000'000); };
  ByType<Smoothing> smooth = read_all<Smoothing>(
      "--smooth", options.smooth,
      "TYPE=METHOD: none, mean:N, median:N, lowpass:ORDER:CUTOFF or filtfilt:ORDER:CUTOFF (order 1 to 50, cut-off "
      "between 0 and 1)",
      read_smoothing);
  if (!names(smooth, others))
    for (const auto& [type, method] : usual_smoothing) smooth.emplace(type, *read_smoothing(method));
  const auto thresholds =
      read_all<double>("--threshold", options.thresholds, "TYPE=RATIO, such as *=0.1", read_positive);
  const auto every = read_all<std::uint64_t>("--every", options.every, "TYPE=N, such as *=10", whole);
  const auto deadbands = read_all<Band>("--deadband", options.deadbands, "TYPE=0.5 or TYPE=2%", read_band);
  const auto swings = read_all<Band>("--swing", options.swings, "TYPE=0.5 or TYPE=2%", read_band);
  const auto spans = read_all<double>("--span", options.spans, "TYPE=LOW..HIGH", read_span);

  ByType<char> all{{std::string(others), 0}};
  const auto collect = [&all](const auto& values) {
    for (const auto& [type, value] : values) all.emplace(type, 0);
  };
  collect(smooth), collect(thresholds), collect(every), collect(deadbands), collect(swings), collect(spans);

  for (const auto& [type, unused] : all) {
    TypeRules rules;
    rules.smoothing = *value_of(smooth, type);
    if (const auto* value = value_of(thresholds, type)) rules.threshold = *value;
    if (const auto* value = value_of(every, type)) rules.every = *value;
    const Band* const deadband = value_of(deadbands, type);
    const Band* const swing = value_of(swings, type);
    if (deadband != nullptr && swing != nullptr && names(deadbands, type) == names(swings, type))
      throw std::invalid_argument(fmt::format("'{}' has a --deadband and a --swing: one of them", type));
    const bool usual = names(thresholds, type) || names(every, type);
    const bool banded = names(deadbands, type) || names(swings, type);
    if (usual && banded)
      throw std::invalid_argument(
          fmt::format("'{}' has a --deadband or --swing: --threshold and --every are not for it", type));
    const bool swinging = swing != nullptr && (deadband == nullptr || names(swings, type));
    if (!usual && (swinging || deadband != nullptr)) {
      rules.rule = swinging ? SendRule::swing : SendRule::deadband;
      rules.band = swinging ? *swing : *deadband;
    }
    if (const double* span = value_of(spans, type); span != nullptr && rules.band.share)
      rules.band = {rules.band.width * *span, false};
    if (rules.rule == SendRule::swing && rules.band.share)
      throw std::invalid_argument(
          fmt::format("--swing: a percentage is of a --span, and '{0}' has none (--span '{0}=LOW..HIGH')", type));
    if (type == others) {
      rules_.insert(rules_.begin(), rules);
      for (auto& [name, index] : by_name_) ++index;
    } else {
      by_name_.emplace(type, static_cast<std::uint32_t>(rules_.size()));
      rules_.push_back(rules);
    }
  }
}

}  // namespace weir::edge_filter
