// A scene as the tests read it.
#pragma once
#include <string>

#include "catch.hpp"
#include "record/parser.hpp"
#include "time/time_types.hpp"

namespace weir::sensor_sim {

/// Runs a scene and calls `use(now, sensor, line, record)` for each record of each step.
template <typename Scene, typename Use>
void run_steps(Scene& scene, const FieldSet& fields, Time start, Duration step, int steps, Use use) {
  RecordParser parser(fields);
  for (int i = 0; i < steps; ++i) {
    const Time now = start + i * step;
    scene.begin_step(now);
    for (std::size_t sensor = 0; sensor < scene.size(); ++sensor) {
      std::string line;
      scene.append(sensor, line);
      if (line.back() != '\n') FAIL("no whole line: " << line);
      line.pop_back();
      const Record* record = parser.parse_copy(line, 1);
      if (record == nullptr) FAIL("no record: " << line);
      use(now, sensor, line, *record);
    }
  }
}

}  // namespace weir::sensor_sim
