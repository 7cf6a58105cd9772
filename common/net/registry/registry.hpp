// A registry of schemas that speaks Confluent's REST interface.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/http/client.hpp"
#include "record/log.hpp"
#include "time/back_off.hpp"

namespace weir::registry {

/// The registry refuses what was asked, and asking again would not help: a login, a schema that is not compatible with
/// the earlier ones of its subject (409) or not valid (422), an answer that is not a registry's. The text has its
/// message.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The registry does not have the schema, the subject or the version (404).
class NotFound : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The registry was away for longer than Settings::retry_for.
class Unreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How to reach a registry.
struct Settings {
  std::string url;  ///< such as `https://registry.example:8081`; http::is_base_url() must hold
  std::optional<http::Login> login = {};
  std::string ca_file = {};    ///< PEM, instead of the system's certificates
  std::string cert_file = {};  ///< the client's own certificate, PEM; empty: none
  std::string key_file = {};
  std::chrono::milliseconds timeout{15'000};      ///< of one request
  Duration retry_wait = std::chrono::seconds(1);  ///< the pause before the first retry; it doubles, up to 30 s
  std::optional<Duration> retry_for = {};         ///< without it, retries never end
};

/// A schema that another one refers to, as a registry is told.
struct Reference {
  std::string name;
  std::string subject;
  std::int64_t version = 0;
};

/// What to ask a registry.
struct Question {
  enum class Kind : std::uint8_t {
    by_id,    ///< the schema of a number
    latest,   ///< the latest version of a subject
    look_up,  ///< whether the subject has this schema, and its number
    add       ///< register the schema under the subject, which may have it already
  };
  Kind kind = Kind::by_id;
  std::int32_t id = 0;
  std::string subject = {};
  std::string text = {};      ///< the schema to look up or to add
  std::string type = "AVRO";  ///< or JSON
  std::vector<Reference> references = {};
};

/// A schema of the registry.
struct RegisteredSchema {
  std::int32_t id = 0;
  std::int64_t version = 0;  ///< 0: not told
  std::string type = "AVRO";
  std::string text;
  std::vector<std::string> references;  ///< the schemas it refers to, each after those that it refers to itself
};

/// Asks a registry, one request at a time, without blocking. A registry that is away is asked again, and that is
/// reported once. A schema by its number never changes: it is kept for ever. Failures are not kept. Not thread-safe.
class Registry {
 public:
  /// `log` must outlive this.
  Registry(Settings settings, Log& log);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// The answer, or nullptr while it is under way: wait() and ask the same again. Throws Refused, NotFound,
  /// Unreachable. An answer by number is valid as long as this; any other until the next question.
  const RegisteredSchema* ask(const Question& question);

  /// Waits until asking again may help, one of `also` is ready, or the limit has passed (negative: none).
  void wait(std::span<pollfd> also, std::chrono::milliseconds limit);

 private:
  struct Answers;
  using clock = std::chrono::steady_clock;

  const RegisteredSchema* by_id(std::int32_t id);
  const std::string* answer(const std::string& path, const std::optional<std::string>& body = std::nullopt);
  void start(const std::string& key, const std::string& path, const std::optional<std::string>& body);
  void take(const http::Response& response);
  void retry_later(const http::Response& response);
  [[noreturn]] void refuse(const std::string& text);
  bool read(std::string_view json, RegisteredSchema& schema);
  bool add_references(std::string_view list, std::vector<std::string>& seen, RegisteredSchema& schema,
                      std::size_t depth);

  Settings settings_;
  Log& log_;
  http::Client client_;
  std::unique_ptr<Answers> answers_;  ///< reads them
  std::string under_way_;             ///< the request in flight or between two tries: path and body; empty: none
  std::string path_;                  ///< of it
  bool in_flight_ = false;
  std::map<std::string, std::string> bodies_;  ///< answers to the question under way
  clock::time_point retry_at_{};
  std::optional<clock::time_point> away_since_;
  BackOff back_off_;
  std::unordered_map<std::int32_t, RegisteredSchema> by_id_;
  RegisteredSchema other_;
};

}  // namespace weir::registry
