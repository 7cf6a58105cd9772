// The answers of Twilio, apart from the network.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace weir::alert_notify {

/// A page of Twilio's list of messages.
struct TwilioPage {
  bool is_list = false;
  std::string found;  ///< the sid of a message whose body has the id, and which did not fail
  std::string next;   ///< the path of the next page; empty: none
};

/// Looks for an id in a page of messages.
TwilioPage read_twilio_page(std::string_view answer, std::string_view id);

/// The sid of a message that was taken; empty where the answer is not one of Twilio's.
std::string read_twilio_sid(std::string_view answer);

}  // namespace weir::alert_notify
