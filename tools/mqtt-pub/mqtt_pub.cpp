#include "mqtt_pub.hpp"

namespace weir {

Verdict MqttPub::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
