// The fields of a weather reading, as owm-poll names them unless an option says otherwise.
#pragma once
#include <string>
#include <vector>

#include "record/field_watch.hpp"

namespace weir::weather {

/// Paths of a reading's fields.
struct ReadingFields {
  std::string temperature = "temperature_c";
  std::string humidity = "humidity";
  std::string wind = "wind_speed";
  std::string weather = "weather";

  /// The temperature, without which there is little to say, and the fields that have another name than usual.
  std::vector<NamedField> named() const;
};

}  // namespace weir::weather
