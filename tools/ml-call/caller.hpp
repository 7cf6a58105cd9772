// Requests to a model server, with their retries.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http/client.hpp"
#include "pipeline/wait.hpp"
#include "time/back_off.hpp"

namespace weir::ml_call {

/// Which server, and how patiently it is asked.
struct CallerSettings {
  std::string url;
  std::vector<std::string> headers;
  std::optional<http::Login> login;
  std::string ca_file, cert_file, key_file;
  std::chrono::milliseconds timeout{15'000};
  std::uint64_t retries = 4;
  Duration retry_wait = std::chrono::seconds(1);
  std::uint64_t in_flight = 8;
};

/// What came of a request, after its last attempt.
struct Answered {
  std::uint64_t id = 0;
  std::string body;              ///< of an answer with 2xx
  std::string reason{};          ///< why there is none
  bool may_be_a_row = false;     ///< the server did not like what it was sent
  bool retried = false;          ///< it was sent as often as is allowed
};

/// How often a request is sent.
enum class Tries : std::uint8_t { all, one };

/// Sends requests and sends them again where that may help: no connection, no answer in time, 408, 429, 500 and above.
/// A server that refuses the login, or has no such model, ends the run.
class Caller {
 public:
  explicit Caller(const CallerSettings& settings);

  void send(std::uint64_t id, std::string body, Tries tries = Tries::all);
  std::size_t pending() const { return requests_.size(); }

  /// Moves all on without blocking; appends what is done. Throws std::runtime_error.
  void perform(std::vector<Answered>& done);
  /// Blocks until something can move on, one of `also` is ready, or `limit` has passed.
  void wait(std::span<pollfd> also, WaitLimit limit);

 private:
  using clock = std::chrono::steady_clock;
  struct Request {
    std::string body;
    std::uint64_t attempts = 0;
    std::optional<clock::time_point> due{};  ///< of the next attempt, while it waits for that
  };

  void start(std::uint64_t id, Request& request);
  void finish(std::uint64_t id, http::Response response, std::vector<Answered>& done);

  CallerSettings settings_;
  http::Client client_;
  BackOff pauses_;
  std::unordered_map<std::uint64_t, Request> requests_;
  std::vector<http::Client::Finished> finished_;
};

}  // namespace weir::ml_call
