// Sliders on the page that set parameters of the pipeline.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "subscriptions.hpp"

namespace weir::dash_serve {

/// A slider: a number within a range.
struct Slider {
  std::string name;
  double least = 0;
  double most = 1;
  double step = 1;
  double value = 0;
  std::string label;
};

/// Reads `rate=1..200/5:20 Events a second`: name, least, greatest, step (else 1), first value, label (else the name).
/// Throws std::invalid_argument with the reason.
Slider parse_slider(std::string_view text);

/// Answers the requests of sliders.
class Sliders {
 public:
  struct Settings {
    std::vector<Slider> sliders{};
    std::vector<std::string> command{};  ///< with `{name}` and `{value}`
  };

  Sliders(Settings settings, Log& log);

  /// A JSON array for the page, with the current values.
  std::string json() const;

  /// Handles POST /control with `name` and `value`. A value that the slider can have is passed to the command.
  web::Response set(const web::Request& request, double now_s);

 private:
  Settings settings_;
  web::RateLimiter by_caller_;
  CommandRunner runner_;
};

}  // namespace weir::dash_serve
