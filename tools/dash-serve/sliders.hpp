// Knobs of the pipeline that a visitor of the page may turn.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "subscriptions.hpp"

namespace weir::dash_serve {

/// A knob: a number between two others.
struct Slider {
  std::string name;
  double least = 0;
  double most = 1;
  double step = 1;
  double value = 0;
  std::string label;
};

/// Reads `rate=1..200/5:20 Events a second`: name, least, most, step (1 when not said), value at first, and a label
/// (the name when there is none). Throws std::invalid_argument with the reason.
Slider parse_slider(std::string_view text);

/// Answers the knobs' requests.
class Sliders {
 public:
  struct Settings {
    std::vector<Slider> sliders{};
    std::vector<std::string> command{};  ///< with `{name}` and `{value}`
  };

  Sliders(Settings settings, Log& log);

  /// A JSON array for the page, with the values as they are now.
  std::string json() const;

  /// POST /control with `name` and `value`: the value, if it is one that the slider can have, goes to the command.
  web::Response set(const web::Request& request, double now_s);

 private:
  Settings settings_;
  web::RateLimiter by_caller_;
  CommandRunner runner_;
};

}  // namespace weir::dash_serve
