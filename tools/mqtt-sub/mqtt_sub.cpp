#include "mqtt_sub.hpp"

namespace weir {

Verdict MqttSub::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
