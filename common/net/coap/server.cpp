#include "net/coap/server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "net/coap/address.hpp"
#include "net/coap/answered.hpp"
#include "net/coap/observer.hpp"
#include "net/coap/pdu.hpp"
#include "process/threads.hpp"

namespace weir::coap {
namespace {

using Clock = BlockTransfers::Clock;

const coap_bin_const_t* key_of(coap_bin_const_t* identity, coap_session_t* session, void* keys);
void on_request(coap_resource_t* resource, coap_session_t* session, const coap_pdu_t* request,
                const coap_string_t* query, coap_pdu_t* response);
void on_discovery(coap_resource_t* resource, coap_session_t* session, const coap_pdu_t* request,
                  const coap_string_t* query, coap_pdu_t* response);
void no_log(coap_log_t, const char*) {}

/// An empty response that is not confirmable is not sent: the acknowledgement comes with the answer.
void be_silent(coap_pdu_t* response) { coap_pdu_set_type(response, COAP_MESSAGE_NON); }

/// A key as libcoap reads it.
struct Key {
  std::string bytes;
  coap_bin_const_t view{};
};
using Keys = std::map<std::string, Key, std::less<>>;

/// A request whose answer comes later.
struct Pending {
  coap_session_t* session;
  coap_pdu_type_t type;
  coap_mid_t id;
  std::string token;
  std::string message;
  std::optional<Block> block1;
  Clock::time_point until;
};

}  // namespace

struct Server::Impl {
  Impl(Settings settings, Hooks hooks, Log& log);
  ~Impl();

  void run();
  void request(coap_session_t* session, const coap_pdu_t* request, coap_pdu_t* response);
  Answer answer(Request& request, const Options& options, std::string_view payload, std::optional<Block>& block1);
  void respond(std::uint64_t ticket, const Response& response);
  void send_replies();
  void give_up_old(Clock::time_point now);
  std::chrono::milliseconds pause(Clock::time_point now);

  Settings settings_;
  Hooks hooks_;
  std::uint16_t port_ = 0;
  Keys keys_;
  BlockTransfers blocks_;
  Answered answered_;
  std::unordered_set<std::string> waiting_;  ///< messages that are pending
  std::atomic<std::uint64_t> repeated_{0};
  coap_context_t* context_ = nullptr;
  std::unique_ptr<Observer> observer_;  ///< where something is observed
  std::atomic<std::uint64_t> old_{0}, dropped_{0};
  int wake_ = -1;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::mutex mutex_;
  std::vector<std::pair<std::uint64_t, Response>> replies_;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

namespace {

Server::Impl& server_of(coap_session_t* session) {
  return *static_cast<Server::Impl*>(coap_get_app_data(coap_session_get_context(session)));
}

const coap_bin_const_t* key_of(coap_bin_const_t* identity, coap_session_t*, void* keys) {
  const auto& known = *static_cast<Keys*>(keys);
  const auto found = known.find(std::string_view(reinterpret_cast<const char*>(identity->s), identity->length));
  return found == known.end() ? nullptr : &found->second.view;
}

void on_request(coap_resource_t*, coap_session_t* session, const coap_pdu_t* request, const coap_string_t*,
                coap_pdu_t* response) {
  server_of(session).request(session, request, response);
}

void on_discovery(coap_resource_t*, coap_session_t* session, const coap_pdu_t*, const coap_string_t*,
                  coap_pdu_t* response) {
  write_response(response,
                 {.code = Code::content, .text = server_of(session).settings_.links, .format = content_format::links},
                 std::nullopt);
}

}  // namespace

Server::Impl::Impl(Settings settings, Hooks hooks, Log& log)
    : settings_(std::move(settings)),
      hooks_(std::move(hooks)),
      blocks_(settings_.blocks),
      answered_(settings_.remember) {
  coap_startup();
  coap_set_log_handler(no_log);
  coap_dtls_set_log_level(coap_log_t{});
  const bool secure = !settings_.keys.empty();
  const std::string where = fmt::format("{}:{}", settings_.address, settings_.port);
  coap_address_t address = resolve(settings_.address, settings_.port);
  try {
    port_ = free_port(address);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot listen on {}: {}", where, error.what()));
  }
  coap_address_set_port(&address, port_);
  context_ = coap_new_context(nullptr);
  if (context_ == nullptr) throw std::runtime_error("libcoap has no memory");
  coap_set_app_data(context_, this);
  coap_context_set_max_idle_sessions(context_, static_cast<unsigned>(settings_.sessions));
  coap_context_set_max_handshake_sessions(context_, static_cast<unsigned>(settings_.sessions));
  if (secure) {
    for (PresharedKey& each : settings_.keys) {
      Key& key = keys_[each.identity];
      key.bytes = std::move(each.key);
      key.view = {key.bytes.size(), reinterpret_cast<const std::uint8_t*>(key.bytes.data())};
    }
    coap_dtls_spsk_t setup{};
    setup.version = COAP_DTLS_SPSK_SETUP_VERSION;
    setup.validate_id_call_back = key_of;
    setup.id_call_back_arg = &keys_;
    setup.psk_info.key = keys_.begin()->second.view;  // never used: each identity has its own
    if (coap_context_set_psk2(context_, &setup) == 0) throw std::runtime_error("libcoap cannot speak DTLS with keys");
  }
  if (coap_new_endpoint(context_, &address, secure ? COAP_PROTO_DTLS : COAP_PROTO_UDP) == nullptr)
    throw std::runtime_error("cannot listen on " + where);
  coap_resource_t* any = coap_resource_unknown_init2(on_request, 0);
  for (const coap_request_t method : {COAP_REQUEST_GET, COAP_REQUEST_POST, COAP_REQUEST_DELETE, COAP_REQUEST_FETCH,
                                      COAP_REQUEST_PATCH, COAP_REQUEST_IPATCH})
    coap_register_request_handler(any, method, on_request);
  coap_add_resource(context_, any);
  coap_resource_t* links = coap_resource_init(coap_make_str_const(COAP_DEFAULT_URI_WELLKNOWN), 0);
  coap_register_request_handler(links, COAP_REQUEST_GET, on_discovery);
  coap_add_resource(context_, links);
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_ < 0) throw std::runtime_error("eventfd failed");
  if (!settings_.observations.empty())
    observer_ = std::make_unique<Observer>(settings_.observations, hooks_.notify, log);
  thread_ = process::start_thread([this] { run(); });
}

Server::Impl::~Impl() {
  if (thread_.joinable()) thread_.join();
  for (auto& [ticket, pending] : pending_) coap_session_release(pending.session);
  observer_.reset();
  if (context_ != nullptr) coap_free_context(context_);
  if (wake_ >= 0) ::close(wake_);
}

void Server::Impl::run() {
  pollfd descriptors[3] = {{coap_context_get_coap_fd(context_), POLLIN, 0},
                           {wake_, POLLIN, 0},
                           {observer_ ? observer_->descriptor() : -1, POLLIN, 0}};
  while (!ends_) {
    coap_tick_t ticks = 0;
    coap_ticks(&ticks);
    const unsigned until_timer = coap_io_prepare_epoll(context_, ticks);
    auto limit = pause(Clock::now());
    if (observer_)
      if (const unsigned until = observer_->prepare(ticks); until > 0)
        limit = std::min(limit, std::chrono::milliseconds(until));
    if (until_timer > 0) limit = std::min(limit, std::chrono::milliseconds(until_timer));
    ::poll(descriptors, 3, static_cast<int>(limit.count()));
    if (descriptors[1].revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto size = ::read(wake_, &count, sizeof count);
    }
    send_replies();
    coap_io_process(context_, COAP_IO_NO_WAIT);
    give_up_old(Clock::now());
    if (observer_) {
      observer_->process(Clock::now());
      old_ = observer_->old();
      dropped_ = observer_->dropped();
    }
  }
  // Those that still wait get no answer: they are sent again, and the next run may take them.
  send_replies();
}

/// Until the next request has waited for too long.
std::chrono::milliseconds Server::Impl::pause(Clock::time_point now) {
  Clock::time_point first = now + std::chrono::minutes(1);
  for (const auto& [ticket, pending] : pending_) first = std::min(first, pending.until);
  if (observer_) first = std::min(first, observer_->next_turn());
  return std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(first - now));
}

void Server::Impl::give_up_old(Clock::time_point now) {
  std::vector<std::uint64_t> old;
  for (const auto& [ticket, pending] : pending_)
    if (pending.until <= now) old.push_back(ticket);
  for (const std::uint64_t ticket : old) {
    if (const auto given_up = hooks_.give_up(ticket))
      respond(ticket, *given_up);
    else
      pending_.at(ticket).until = now + settings_.answer_time;
  }
}

void Server::Impl::send_replies() {
  std::vector<std::pair<std::uint64_t, Response>> replies;
  {
    const std::lock_guard lock(mutex_);
    replies.swap(replies_);
  }
  for (const auto& [ticket, response] : replies) respond(ticket, response);
}

void Server::Impl::respond(std::uint64_t ticket, const Response& response) {
  const auto found = pending_.find(ticket);
  if (found == pending_.end()) return;
  const Pending& pending = found->second;
  const bool confirmed = pending.type == COAP_MESSAGE_CON;
  coap_pdu_t* pdu = coap_pdu_init(confirmed ? COAP_MESSAGE_ACK : COAP_MESSAGE_NON, COAP_EMPTY_CODE,
                                  confirmed ? pending.id : coap_new_message_id(pending.session),
                                  coap_session_max_pdu_size(pending.session));
  if (pdu != nullptr) {
    coap_add_token(pdu, pending.token.size(), reinterpret_cast<const std::uint8_t*>(pending.token.data()));
    write_response(pdu, response, pending.block1);
    coap_send(pending.session, pdu);
  }
  coap_session_release(pending.session);
  waiting_.erase(pending.message);
  answered_.note(pending.message, {response, pending.block1}, Clock::now());
  pending_.erase(found);
}

void Server::Impl::request(coap_session_t* session, const coap_pdu_t* pdu, coap_pdu_t* response) {
  const Options options = read_options(pdu);
  Request request;
  request.endpoint = endpoint_of(session);
  request.message = request.endpoint + '/' + message_of(pdu);
  request.path = options.path;
  request.identity = identity_of(session);
  request.format = options.format;
  const std::string message = request.message;
  if (waiting_.contains(message)) {
    ++repeated_;
    return be_silent(response);  // the answer to the first one is on its way
  }
  if (const Sent* sent = answered_.find(message, Clock::now())) {
    ++repeated_;
    return write_response(response, sent->response, sent->block1);
  }
  const coap_pdu_code_t method = coap_pdu_get_code(pdu);
  std::optional<Block> block1;
  Answer answered;
  if (method != COAP_REQUEST_CODE_PUT && method != COAP_REQUEST_CODE_POST)
    answered.response = {.code = Code::method_not_allowed, .text = "records come by PUT or POST"};
  else
    answered = answer(request, options, payload_of(pdu), block1);
  if (!answered.later) {
    if (answered.response.code >= Code::bad_request && hooks_.refused)
      hooks_.refused(answered.response, endpoint_of(session));
    write_response(response, answered.response, block1);
    // Whoever has read that the request was not taken sends a new one: this one must not be taken later.
    if (answered.response.code == Code::unavailable)
      answered_.note(message, {std::move(answered.response), block1}, Clock::now());
    return;
  }
  const coap_bin_const_t token = coap_pdu_get_token(pdu);
  pending_.emplace(answered.ticket, Pending{.session = coap_session_reference(session),
                                            .type = coap_pdu_get_type(pdu),
                                            .id = coap_pdu_get_mid(pdu),
                                            .token = std::string(reinterpret_cast<const char*>(token.s), token.length),
                                            .message = message,
                                            .block1 = block1,
                                            .until = Clock::now() + settings_.answer_time});
  waiting_.insert(message);
  be_silent(response);
}

Answer Server::Impl::answer(Request& request, const Options& options, std::string_view payload,
                            std::optional<Block>& block1) {
  const auto refuse = [](Code code, std::string text) {
    return Answer{.response = {.code = code, .text = std::move(text)}};
  };
  const auto too_large = [this] {
    return Answer{.response = {.code = Code::too_large,
                               .text = fmt::format("a body has {} bytes at most", settings_.blocks.body),
                               .size1 = static_cast<std::uint32_t>(settings_.blocks.body)}};
  };
  if (!options.path_is_text) return refuse(Code::bad_request, "the path is not UTF-8, or a segment has a slash");
  if (options.conditional) return refuse(Code::precondition_failed, "If-Match and If-None-Match are not known");
  if (auto refused = hooks_.refuse(request)) return {.response = std::move(*refused)};
  if (!options.block1) {
    if (payload.size() > settings_.blocks.body) return too_large();
    request.body = payload;
    return hooks_.handle(request);
  }
  block1 = Block::of(*options.block1);
  if (block1->exponent > 6) return refuse(Code::bad_request, "the block size is reserved");
  request.in_blocks = block1->number > 0;
  const std::string key = request.endpoint + ' ' + request.path + ' ' + options.rest;
  using Step = BlockTransfers::Step;
  switch (blocks_.take(key, request.message, *block1, options.size1, payload, Clock::now(), request.body)) {
    case Step::proceed:
      return {.response = {.code = Code::proceed}};
    case Step::incomplete:
      return refuse(Code::incomplete, "a block before this one is missing, or this one is not whole");
    case Step::too_large:
      block1.reset();
      return too_large();
    case Step::no_room:
      return {.response = {.code = Code::unavailable, .text = "too many bodies arrive at once", .max_age = 5}};
    case Step::alone:
      request.last_block_alone = true;
      break;
    case Step::complete:
      break;
  }
  return hooks_.handle(request);
}

Server::Server(Settings settings, Hooks hooks, Log& log)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(hooks), log)) {}
Server::~Server() { stop(); }

std::uint16_t Server::port() const { return impl_->port_; }
std::uint64_t Server::old_notifications() const { return impl_->old_; }
std::uint64_t Server::dropped_notifications() const { return impl_->dropped_; }
std::uint64_t Server::repeated() const { return impl_->repeated_; }

void Server::reply(std::vector<std::pair<std::uint64_t, Response>> answers) {
  {
    const std::lock_guard lock(impl_->mutex_);
    std::move(answers.begin(), answers.end(), std::back_inserter(impl_->replies_));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = ::write(impl_->wake_, &one, sizeof one);
}

void Server::stop() {
  if (!impl_->thread_.joinable()) return;
  impl_->ends_ = true;
  reply({});
  impl_->thread_.join();
}

}  // namespace weir::coap
