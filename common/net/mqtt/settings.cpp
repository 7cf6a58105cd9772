#include "net/mqtt/settings.hpp"

#include <mosquitto.h>

namespace weir::mqtt {

bool is_topic(const std::string& topic) {
  return !topic.empty() && topic.find('\0') == std::string::npos &&
         mosquitto_pub_topic_check2(topic.data(), topic.size()) == MOSQ_ERR_SUCCESS &&
         mosquitto_validate_utf8(topic.data(), static_cast<int>(topic.size())) == MOSQ_ERR_SUCCESS;
}

bool is_topic_filter(const std::string& filter) {
  return !filter.empty() && filter.find('\0') == std::string::npos &&
         mosquitto_sub_topic_check2(filter.data(), filter.size()) == MOSQ_ERR_SUCCESS &&
         mosquitto_validate_utf8(filter.data(), static_cast<int>(filter.size())) == MOSQ_ERR_SUCCESS;
}

}  // namespace weir::mqtt
