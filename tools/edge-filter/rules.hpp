// What holds for each type of sensor: how its readings are smoothed, and which of them are sent.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::edge_filter {

struct Smoothing {
  enum class Method : std::uint8_t { none, mean, median, lowpass, filtfilt };
  Method method = Method::none;
  std::size_t readings = 1;  ///< of a mean or median
  int order = 0;             ///< of a low-pass filter
  double cutoff = 0;
};

/// How far a value may be from the last one sent.
struct Band {
  double width = 0;
  bool share = false;  ///< of the last value sent
};

/// Which readings are sent.
enum class SendRule : std::uint8_t {
  usual,     ///< anomalies of good quality, changes by a ratio, every n-th reading
  deadband,  ///< changes by more than a band
  swing      ///< a swinging door
};

struct TypeRules {
  Smoothing smoothing;
  SendRule rule = SendRule::usual;
  Band band;                 ///< of deadband and swing
  double threshold = 0.1;    ///< of usual: the least ratio of change
  std::uint64_t every = 10;  ///< of usual; 0: no reading by its number
};

/// The options by type, each `TYPE=VALUE`, or VALUE alone for all types that have no own value (`*`).
struct TypeOptions {
  std::vector<std::string> smooth;
  std::vector<std::string> thresholds;
  std::vector<std::string> every;
  std::vector<std::string> deadbands;
  std::vector<std::string> swings;
  std::vector<std::string> spans;  ///< `TYPE=LOW..HIGH`: what a percentage is of
};

/// The rules of all types.
class Types {
 public:
  /// Throws std::invalid_argument, naming the option.
  explicit Types(const TypeOptions& options);

  /// The index of a type's rules.
  std::uint32_t find(std::string_view type) const {
    const auto found = by_name_.find(std::string(type));
    return found == by_name_.end() ? 0 : found->second;
  }
  const TypeRules& operator[](std::uint32_t index) const { return rules_[index]; }
  const std::vector<TypeRules>& all() const { return rules_; }

 private:
  std::vector<TypeRules> rules_;  ///< the first is that of types without a name of their own
  std::unordered_map<std::string, std::uint32_t> by_name_;
};

}  // namespace weir::edge_filter
