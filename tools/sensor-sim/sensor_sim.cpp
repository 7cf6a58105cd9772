#include "sensor_sim.hpp"

namespace weir {

Verdict SensorSim::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
