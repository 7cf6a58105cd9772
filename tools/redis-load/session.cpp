#include "session.hpp"

#include <fmt/format.h>

#include "server_errors.hpp"

namespace weir::redis_load {
namespace {

using clock = std::chrono::steady_clock;
constexpr auto first_contact_limit = std::chrono::seconds(30);

}  // namespace

void Session::connect() {
  const auto began = clock::now();
  bool reported = false;
  for (;;) {
    std::string reason;
    try {
      connection_.open();
      if (reported || connected_once_) log_.warn("connected to " + connection_.name());
      reached_ = connected_once_ = true;
      return;
    } catch (const redis::ServerError& refusal) {
      if (answer_to(refusal.code(), false) == Answer::end)
        throw std::runtime_error(fmt::format("{}: {}", connection_.name(), explained(refusal.code(), refusal.what())));
      reason = refusal.what();
    } catch (const redis::ConnectionLost& loss) {
      reason = loss.what();
    }
    const auto away = clock::now() - began;
    if (retry_for_ ? away >= *retry_for_ : !reached_ && away >= first_contact_limit)
      throw std::runtime_error("cannot reach the server: " + reason);
    if (!reported) log_.warn(reason + "; trying again");
    reported = true;
    pause();
  }
}

redis::Reply Session::call(std::initializer_list<std::string_view> arguments) {
  for (;;) {
    try {
      if (!connection_.is_open()) connect();
      redis::Reply reply = connection_.call(arguments);
      is_well();
      return reply;
    } catch (const redis::ConnectionLost& loss) {
      report_loss(loss.what());
    } catch (const redis::ServerError& refusal) {
      const Answer answer = answer_to(refusal.code(), false);
      if (answer == Answer::end) throw std::runtime_error(explained(refusal.code(), refusal.what()));
      if (answer == Answer::reconnect) connection_.close();
      report_retry(refusal.what());
      pause();
    }
  }
}

void Session::report_loss(const std::string& reason) { log_.warn("the connection was lost: " + reason); }

void Session::report_retry(const std::string& reason) {
  if (!reported_) log_.warn(reason + "; trying again");
  reported_ = true;
}

void Session::pause() { connection_.pause(std::chrono::ceil<std::chrono::milliseconds>(back_off_.next())); }

void Session::is_well() {
  back_off_.reset();
  reported_ = false;
}

}  // namespace weir::redis_load
