#include "net/kafka/handle.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "net/kafka/errors.hpp"

namespace weir::kafka {
namespace {

/// How often a broker that is still away is reported.
constexpr auto report_again = std::chrono::minutes(1);

/// Earlier versions send a nonce that Kafka has refused since its version 4.
constexpr int first_with_strict_scram = 0x020601ff;

/// The library's log repeats what the error callback reports.
void no_log(const rd_kafka_t*, int, const char*, const char*) {}

void set_tls(rd_kafka_conf_t& conf, const Tls& tls) {
  if (!tls.ca_file.empty()) set(conf, "ssl.ca.location", tls.ca_file);
  if (!tls.cert_file.empty()) set(conf, "ssl.certificate.location", tls.cert_file);
  if (!tls.key_file.empty()) set(conf, "ssl.key.location", tls.key_file);
  if (tls.verify == Verify::nothing) {
    set(conf, "enable.ssl.certificate.verification", "false");
  } else {
    set(conf, "ssl.endpoint.identification.algorithm", "https");
  }
}

/// Whether a broker refuses the login or the certificate, or its own certificate does not hold: for good.
bool is_refusal(rd_kafka_resp_err_t code, std::string_view reason) {
  const auto has = [&](std::string_view part) { return reason.find(part) != std::string_view::npos; };
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
         (has("SSL routines") && (has("certificate") || has(" alert ")));
}

}  // namespace

void set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK)
    throw Refused(fmt::format("{}={}: {}", name, value, reason.data()));
}

Conf common_configuration(const Settings& settings) {
  Conf conf(rd_kafka_conf_new());
  set(*conf, "bootstrap.servers", settings.brokers);
  set(*conf, "client.id", "weir");
  const bool login = !settings.sasl.empty();
  set(*conf, "security.protocol",
      settings.tls ? (login ? "sasl_ssl" : "ssl") : (login ? "sasl_plaintext" : "plaintext"));
  if (settings.tls) set_tls(*conf, *settings.tls);
  if (login) {
    set(*conf, "sasl.mechanisms", settings.sasl);
    set(*conf, "sasl.username", settings.user);
    set(*conf, "sasl.password", settings.password.value_or(""));
  }
  // The same pauses between attempts as every network tool here.
  set(*conf, "reconnect.backoff.ms", "100");
  set(*conf, "reconnect.backoff.max.ms", "10000");
  rd_kafka_conf_set_log_cb(conf.get(), no_log);
  return conf;
}

void check_properties(const Settings& settings, const Properties& more) {
  try {
    const Conf conf = common_configuration(settings);
    for (const auto& [name, value] : more) set(*conf, name, value);
    for (const auto& [name, value] : settings.properties) set(*conf, name, value);
  } catch (const Refused& refused) {
    throw std::invalid_argument(refused.what());
  }
}

void Connection::on_error(rd_kafka_resp_err_t code, std::string_view reason) {
  ++errors_;
  reason = reason.substr(0, reason.find(" (after "));  // how long it took, in which state of the library's
  if (is_refusal(code, reason)) {
    refused_ = reason;
    if (settings_.sasl.starts_with("SCRAM") && rd_kafka_version() < first_with_strict_scram)
      refused_ += fmt::format(
          "; librdkafka {} cannot log in by SCRAM to Kafka 4, librdkafka 2.6.1 can: use --sasl PLAIN with TLS",
          rd_kafka_version_str());
  }
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) last_error_ = reason;  // names the broker
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !refused_.empty()) return;
  const auto now = clock::now();
  if (!down_) down_since_ = now;
  down_ = true;
  if (reported_ && now < report_at_) return;
  reported_ = true;
  report_at_ = now + report_again;
  log_.warn(fmt::format("no broker answers at {}; trying again ({})", settings_.brokers, last_error_));
}

void Connection::on_answer() {
  if (std::exchange(reported_, false)) log_.info(fmt::format("connected to {} again", settings_.brokers));
  down_ = false;
  last_error_.clear();
}

void Connection::check() const {
  if (!refused_.empty()) throw Refused(refused_);
  if (down_ && settings_.retry_for && clock::now() - down_since_ >= *settings_.retry_for)
    throw Unreachable(fmt::format("no broker has answered within --retry-for ({})", last_error_));
}

Client::Client(const Settings& settings, rd_kafka_type_t type, const Properties& properties, Log& log)
    : connection_(std::make_unique<Connection>(settings, log)) {
  Conf conf = common_configuration(settings);
  for (const auto& [name, value] : properties) set(*conf, name, value);
  for (const auto& [name, value] : settings.properties) set(*conf, name, value);
  rd_kafka_conf_set_opaque(conf.get(), connection_.get());
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
    static_cast<Connection*>(opaque)->on_error(static_cast<rd_kafka_resp_err_t>(code), reason);
  });
  std::array<char, 512> reason{};
  client_.reset(rd_kafka_new(type, conf.get(), reason.data(), reason.size()));
  if (!client_) throw Refused(reason.data());
  static_cast<void>(conf.release());  // the client owns it now
}

void Client::check() const {
  rd_kafka_poll(client_.get(), 0);
  connection_->check();
}

Wakeup::Wakeup(rd_kafka_queue_t& queue) : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  constexpr std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(&queue, event_.get(), &one, sizeof one);
}

void Wakeup::wake() const {
  constexpr std::uint64_t one = 1;
  static_cast<void>(!::write(event_.get(), &one, sizeof one));  // it fails where the wait ends anyway
}

void Wakeup::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  descriptors_.assign(1, pollfd{event_.get(), POLLIN, 0});
  descriptors_.insert(descriptors_.end(), also.begin(), also.end());
  const int ready =
      ::poll(descriptors_.data(), descriptors_.size(), limit.count() < 0 ? -1 : static_cast<int>(limit.count()));
  if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  for (std::size_t i = 0; i < also.size(); ++i) also[i].revents = ready > 0 ? descriptors_[i + 1].revents : short{0};
  if (ready > 0 && descriptors_.front().revents != 0) {
    std::uint64_t count = 0;
    if (::read(event_.get(), &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "eventfd");
  }
}

}  // namespace weir::kafka
