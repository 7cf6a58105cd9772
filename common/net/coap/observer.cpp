#include "net/coap/observer.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "net/coap/address.hpp"
#include "net/coap/pdu.hpp"

namespace weir::coap {
namespace {

/// Max-Age where a notification has none (RFC 7252, 5.10.5), and what is waited beyond it (RFC 7641, 3.3.1).
constexpr std::uint32_t usual_age = 60;
constexpr std::chrono::seconds grace{10};
/// A device that has not answered within MAX_TRANSMIT_WAIT is asked anew, whatever the library reports.
constexpr std::chrono::seconds longest_answer{100};
constexpr std::chrono::seconds longest_pause{60};

coap_uri_t split(const std::string& uri) {
  coap_uri_t made;
  coap_set_log_level(coap_log_t{});  // the library of Debian 13 would write to standard output
  if (coap_split_uri(reinterpret_cast<const std::uint8_t*>(uri.data()), uri.size(), &made) != 0 ||
      (made.scheme != COAP_URI_SCHEME_COAP && made.scheme != COAP_URI_SCHEME_COAPS) || made.host.length == 0)
    throw std::invalid_argument("--observe '" + uri + "': expected coap://HOST/PATH or coaps://HOST/PATH");
  return made;
}

using Split = int (*)(const std::uint8_t*, std::size_t, unsigned char*, std::size_t*);

/// Adds the segments of a path or query as options.
void add_segments(coap_pdu_t* pdu, coap_option_num_t option, coap_str_const_t text, Split split_text) {
  if (text.length == 0) return;
  std::array<unsigned char, 2048> buffer{};
  std::size_t size = buffer.size();
  const int count = split_text(text.s, text.length, buffer.data(), &size);
  const unsigned char* at = buffer.data();
  for (int i = 0; i < count; ++i) {
    coap_add_option(pdu, option, coap_opt_length(at), coap_opt_value(at));
    at += coap_opt_size(at);
  }
}

std::optional<std::uint32_t> number_of(const coap_pdu_t* pdu, coap_option_num_t option) {
  coap_opt_iterator_t iterator;
  const coap_opt_t* found = coap_check_option(pdu, option, &iterator);
  if (found == nullptr) return std::nullopt;
  return coap_decode_var_bytes(coap_opt_value(found), coap_opt_length(found));
}

}  // namespace

void check_uri(const std::string& uri) { split(uri); }

Observer::Observer(const std::vector<Observation>& observations, Notify notify, Log& log)
    : notify_(std::move(notify)), log_(log), context_(coap_new_context(nullptr)) {
  if (context_ == nullptr) throw std::runtime_error("libcoap has no memory");
  coap_context_set_block_mode(context_, COAP_BLOCK_USE_LIBCOAP | COAP_BLOCK_SINGLE_BODY);
  coap_set_app_data(context_, this);
  coap_register_response_handler(context_, on_response);
  coap_register_nack_handler(context_, on_nack);
  std::uint64_t seed = 0;
  for (const Observation& each : observations)
    targets_.push_back({.observation = &each, .pauses = BackOff(std::chrono::seconds(1), longest_pause, ++seed)});
}

Observer::~Observer() {
  for (const Target& target : targets_)
    if (target.session != nullptr) coap_session_release(target.session);
  coap_free_context(context_);
}

Observer::Clock::time_point Observer::next_turn() const {
  Clock::time_point next = Clock::time_point::max();
  for (const Target& target : targets_) next = std::min(next, target.turn);
  return next;
}

void Observer::process(Clock::time_point now) {
  coap_io_process(context_, COAP_IO_NO_WAIT);
  for (Target& target : targets_) {
    if (target.problem.empty() && target.turn > now) continue;
    if (target.problem.empty() && target.asked) target.problem = "it does not answer";
    if (target.problem.empty())
      ask(target, now);
    else
      lose(target, now);
  }
}

void Observer::connect(Target& target) {
  const Observation& observation = *target.observation;
  const coap_uri_t uri = split(observation.uri);
  const std::string host(reinterpret_cast<const char*>(uri.host.s), uri.host.length);
  const coap_address_t address = resolve(host, uri.port);
  if (uri.scheme == COAP_URI_SCHEME_COAPS) {
    coap_dtls_cpsk_t setup{};
    setup.version = COAP_DTLS_CPSK_SETUP_VERSION;
    const auto view = [](const std::string& text) {
      return coap_bin_const_t{text.size(), reinterpret_cast<const std::uint8_t*>(text.data())};
    };
    setup.psk_info = {view(observation.key.identity), view(observation.key.key)};
    target.session = coap_new_client_session_psk2(context_, nullptr, &address, COAP_PROTO_DTLS, &setup);
  } else {
    target.session = coap_new_client_session(context_, nullptr, &address, COAP_PROTO_UDP);
  }
  if (target.session == nullptr) throw std::runtime_error("there is no way to it");
  coap_session_set_app_data(target.session, &target);
  std::array<std::uint8_t, 8> token{};
  std::size_t size = token.size();
  coap_session_new_token(target.session, &size, token.data());
  target.token.assign(reinterpret_cast<const char*>(token.data()), size);
  target.sequence = {};
}

/// Registers, or refreshes the registration with the same token.
void Observer::ask(Target& target, Clock::time_point now) {
  target.turn = now + longest_answer;
  target.asked = true;
  try {
    if (target.session == nullptr) connect(target);
  } catch (const std::runtime_error& error) {
    target.problem = error.what();
    return;
  }
  const coap_uri_t uri = split(target.observation->uri);
  coap_pdu_t* pdu = coap_new_pdu(COAP_MESSAGE_CON, COAP_REQUEST_CODE_GET, target.session);
  if (pdu == nullptr) throw std::runtime_error("libcoap has no memory");
  coap_add_token(pdu, target.token.size(), reinterpret_cast<const std::uint8_t*>(target.token.data()));
  coap_add_option(pdu, COAP_OPTION_OBSERVE, 0, nullptr);  // 0: register
  add_segments(pdu, COAP_OPTION_URI_PATH, uri.path, coap_split_path);
  add_segments(pdu, COAP_OPTION_URI_QUERY, uri.query, coap_split_query);
  if (coap_send(target.session, pdu) == COAP_INVALID_MID) target.problem = "nothing can be sent to it";
}

/// Forgets the session, and asks again after a pause.
void Observer::lose(Target& target, Clock::time_point now) {
  const auto pause = std::chrono::duration_cast<Clock::duration>(target.pauses.next());
  log_.warn(fmt::format("{}: {}: asked again in {:.1f} s", target.observation->uri, target.problem,
                        std::chrono::duration<double>(pause).count()));
  target.problem.clear();
  target.heard = false;
  target.asked = false;
  if (target.session != nullptr) {
    coap_session_set_app_data(target.session, nullptr);
    coap_session_release(target.session);
    target.session = nullptr;
  }
  target.turn = now + pause;
}

coap_response_t Observer::on_response(coap_session_t* session, const coap_pdu_t*, const coap_pdu_t* received,
                                      coap_mid_t) {
  auto* target = static_cast<Target*>(coap_session_get_app_data(session));
  if (target == nullptr) return COAP_RESPONSE_FAIL;
  static_cast<Observer*>(coap_get_app_data(coap_session_get_context(session)))->take(*target, received);
  return COAP_RESPONSE_OK;
}

void Observer::on_nack(coap_session_t* session, const coap_pdu_t*, coap_nack_reason_t reason, coap_mid_t) {
  auto* target = static_cast<Target*>(coap_session_get_app_data(session));
  // A refused datagram is sent again by the library: the device may be starting.
  if (target != nullptr && reason != COAP_NACK_ICMP_ISSUE)
    target->problem = reason == COAP_NACK_RST ? "it knows no such request" : "it does not answer";
}

void Observer::take(Target& target, const coap_pdu_t* received) {
  const auto now = Clock::now();
  const unsigned code = coap_pdu_get_code(received);
  if (code >> 5U != 2) {
    target.problem = fmt::format("it answers {}.{:02}", code >> 5U, code & 31U);
    return;
  }
  const std::uint32_t age = number_of(received, COAP_OPTION_MAXAGE).value_or(usual_age);
  target.asked = false;
  target.turn = now + std::chrono::seconds(age) + grace;
  target.pauses.reset();
  if (!target.heard) log_.info("observing " + target.observation->uri);
  target.heard = true;
  const auto number = number_of(received, COAP_OPTION_OBSERVE);
  if (number && !target.sequence.is_new(*number, now)) {
    ++old_;
    return;
  }
  Request request;
  request.endpoint = target.observation->uri;
  request.path = target.observation->uri;
  request.observed = true;
  request.format = number_of(received, COAP_OPTION_CONTENT_FORMAT);
  std::size_t size = 0;
  std::size_t offset = 0;
  std::size_t total = 0;
  const std::uint8_t* data = nullptr;
  if (coap_get_data_large(received, &size, &data, &offset, &total) != 0)
    request.body.assign(reinterpret_cast<const char*>(data), size);
  if (!notify_(request)) ++dropped_;
}

}  // namespace weir::coap
