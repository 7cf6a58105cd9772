#include "server_session.hpp"

#include <fmt/format.h>

namespace weir::pg_load {
namespace {

using clock = std::chrono::steady_clock;

constexpr auto first_contact_limit = std::chrono::seconds(30);
constexpr unsigned shown_notices = 5;

}  // namespace

ServerSession::ServerSession(const Settings& settings, Log& log)
    : retry_for_(settings.retry_for),
      log_(log),
      connection_(settings.target, "pg-load", [this](const std::string& notice) {
        if (++notices_ <= shown_notices) log_.info("the server reports: " + notice);
      }) {}

void ServerSession::connect() {
  const auto began = clock::now();
  back_off_.reset();
  bool reported = false;
  unsigned refusals = 0;
  for (;;) {
    std::string reason;
    try {
      connection_.open();
      server_start_ = connection_.query("SELECT pg_postmaster_start_time()").at(0).at(0).value_or("");
      ++number_;
      if (reported || reached_) log_.warn("connected to " + connection_.name());
      reached_ = true;
      back_off_.reset();
      return;
    } catch (const db::ConnectionRefused& refusal) {
      // A server that has just come up may refuse because it is not ready.
      if (!reached_ && ++refusals == 2) throw std::runtime_error(refusal.what());
      reason = refusal.what();
    } catch (const db::ConnectionLost& loss) {
      reason = loss.what();
    }
    const auto away = clock::now() - began;
    const bool known = reached_ || expected_;
    if (retry_for_ ? away >= *retry_for_ : !known && away >= first_contact_limit)
      throw std::runtime_error("cannot reach the server: " + reason);
    if (!reported) log_.warn(reason + "; trying again");
    reported = true;
    pause();
  }
}

void ServerSession::roll_back() {
  try {
    if (connection_.is_open()) connection_.rollback();
  } catch (const db::ConnectionLost&) {
    // the next use finds out
  }
}

void ServerSession::report_loss(const std::string& reason) {
  ++reconnects_;
  log_.warn("the connection was lost: " + reason);
}

void ServerSession::report_retry(const db::ServerError& refusal) {
  log_.warn(fmt::format("{}; trying again", full_text(refusal.report())));
}

void ServerSession::pause() { connection_.pause(std::chrono::ceil<std::chrono::milliseconds>(back_off_.next())); }

std::string ServerSession::quoted(const TableName& name) const {
  if (name.schema.empty()) return connection_.identifier(name.relation);
  return connection_.identifier(name.schema) + "." + connection_.identifier(name.relation);
}

}  // namespace weir::pg_load
