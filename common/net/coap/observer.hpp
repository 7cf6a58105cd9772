// Resources of devices that are observed (RFC 7641). For the room itself.
#pragma once
#include <coap3/coap.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "net/coap/message.hpp"
#include "net/coap/sequence.hpp"
#include "net/coap/server.hpp"
#include "record/log.hpp"
#include "time/back_off.hpp"

namespace weir::coap {

/// Registers with devices, and again when it hears nothing. Belongs to the server's thread.
class Observer {
 public:
  using Clock = std::chrono::steady_clock;
  /// Takes a notification; false when there is no room for it.
  using Notify = std::function<bool(Request&)>;

  /// Throws std::runtime_error.
  Observer(const std::vector<Observation>& observations, Notify notify, Log& log);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  int descriptor() const { return coap_context_get_coap_fd(context_); }
  /// Until process() has something to do; as coap_io_prepare_epoll(): 0 for nothing.
  unsigned prepare(coap_tick_t ticks) { return coap_io_prepare_epoll(context_, ticks); }
  Clock::time_point next_turn() const;
  void process(Clock::time_point now);

  std::uint64_t old() const { return old_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Target {
    const Observation* observation;
    coap_session_t* session = nullptr;
    std::string token{};
    Sequence sequence{};
    Clock::time_point turn{};  ///< when it is asked again
    bool heard = false;        ///< since the last problem
    bool asked = false;        ///< and not answered yet
    std::string problem{};     ///< found in a call from the library, which still uses the session then
    BackOff pauses;
  };
  static coap_response_t on_response(coap_session_t* session, const coap_pdu_t* sent, const coap_pdu_t* received,
                                     coap_mid_t id);
  static void on_nack(coap_session_t* session, const coap_pdu_t* sent, coap_nack_reason_t reason, coap_mid_t id);
  void ask(Target& target, Clock::time_point now);
  void connect(Target& target);
  void take(Target& target, const coap_pdu_t* received);
  void lose(Target& target, Clock::time_point now);

  Notify notify_;
  Log& log_;
  coap_context_t* context_;
  std::list<Target> targets_;
  std::uint64_t old_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace weir::coap
