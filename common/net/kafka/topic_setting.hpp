// A setting of a topic, asked for once; internal to the room.
#pragma once
#include <librdkafka/rdkafka.h>

#include <functional>
#include <string>

namespace weir::kafka {

/// What the brokers say of a topic's setting.
struct Described {
  bool answered = false;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< of the answer
  std::string reason{};                                    ///< of the error
  std::string value{};                                     ///< empty: there is no such setting
};

/// Asks for a setting such as cleanup.policy. The request ends without an answer after some seconds; `meanwhile` is
/// called several times a second, and may throw to end the wait.
Described setting_of(rd_kafka_t& client, const std::string& topic, const std::string& name,
                     const std::function<void()>& meanwhile);

}  // namespace weir::kafka
