// Objects of a bucket of S3, or of a server that speaks its interface.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/client.hpp"
#include "record/log.hpp"
#include "time/back_off.hpp"

namespace weir::s3 {

/// The server refuses a request, and asking again would not help. The text has its status and message.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The server answers a header of the request with 501: it does not have what the header asks for.
class NotImplemented : public Refused {
 public:
  using Refused::Refused;
};

/// Who asks.
struct Credentials {
  std::string key_id;
  std::string secret;
  std::string token;  ///< of a session; empty: none
};

/// How to reach a bucket.
struct Settings {
  std::string url;  ///< of the bucket, without a slash at the end; its keys follow
  std::string bucket;
  std::string region;
  Credentials credentials;
  std::string ca_file = {};                   ///< PEM, instead of the system's certificates
  std::chrono::milliseconds timeout{15'000};  ///< of a first try, and a second more for each 256 KiB that it sends
  std::optional<Duration> retry_for = {};     ///< without it, retries never end
  std::uint64_t part_bytes = 16 << 20;        ///< a larger object is put in parts of so many bytes
};

/// What a wait heeds besides the server.
struct Stop {
  std::vector<pollfd> descriptors;
  std::function<void()> check;  ///< throws once waiting has no use any more
};

/// The fewest bytes of a part but the last, on AWS and elsewhere; the most of a part or a PUT; the most parts.
constexpr std::uint64_t least_part_bytes = 5ULL << 20;
constexpr std::uint64_t most_part_bytes = 5ULL << 30;
constexpr std::uint64_t most_parts = 10'000;
/// The most bytes of an object.
constexpr std::uint64_t most_object_bytes = 5ULL << 40;
/// The most bytes of a key.
constexpr std::size_t longest_key = 1024;

/// The bytes of each part but the last of an object: those wanted, or whole MiB more where it would have too many
/// parts.
std::uint64_t part_bytes(std::uint64_t object_bytes, std::uint64_t wanted);

/// The outcome of a conditional PUT.
enum class Put : std::uint8_t { done, same_is_there, other_is_there };

/// Asks one request at a time, and waits. What fails at the server or on the way is asked again, reported once, with
/// pauses up to 30 s. All calls throw Refused, std::runtime_error after retry_for, and what Stop::check throws. Not
/// thread-safe.
class Bucket {
 public:
  /// `log` must outlive this.
  Bucket(Settings settings, Log& log, Stop stop);

  /// An object's bytes, nothing where there is none.
  std::optional<std::string> get(const std::string& key, std::size_t most_bytes);
  bool has(const std::string& key);
  void put(const std::string& key, std::string_view bytes);
  /// Puts an object where there is none (If-None-Match), a large one in parts: it is there once all of them are. One
  /// with the same bytes may be there from a request whose answer was lost. What fails leaves no parts, or those that
  /// abort_uploads() finds.
  Put put_if_absent(const std::string& key, std::string_view bytes);
  /// The keys that begin with a prefix, in order; `most` of them at most.
  std::vector<std::string> list(const std::string& prefix, std::size_t most = SIZE_MAX);

  /// Aborts the uploads in parts under a prefix whose keys are chosen, and returns how many there were.
  std::size_t abort_uploads(const std::string& prefix, const std::function<bool(const std::string& key)>& chosen);

  /// `s3://BUCKET/KEY`, for messages.
  std::string name_of(const std::string& key) const { return "s3://" + settings_.bucket + '/' + key; }

 private:
  using clock = std::chrono::steady_clock;
  http::Response ask(http::Request request, const std::string& what);
  http::Response once(const http::Request& request);
  http::Request request(http::Request::Method method, const std::string& key, std::string_view bytes = {},
                        const std::string& query = {}) const;
  http::Request post(const std::string& key, const std::string& query, std::string body) const;
  Put put_in_parts(const std::string& key, std::string_view bytes);
  std::string begin_upload(const std::string& key, const std::string& digest);
  bool put_parts(const std::string& key, const std::string& id, std::string_view bytes, std::vector<std::string>& tags);
  std::optional<Put> complete(const std::string& key, const std::string& id, const std::vector<std::string>& tags,
                              std::string_view bytes);
  void abort(const std::string& key, const std::string& id);
  void try_to_abort(const std::string& key, const std::string& id);
  void pause(const http::Response& response, const std::string& what);
  void wait(clock::time_point until);
  bool is_same(const std::string& key, std::string_view bytes);

  Settings settings_;
  Log& log_;
  Stop stop_;
  http::Client client_;
  BackOff back_off_;
  std::optional<clock::time_point> away_since_;
  std::uint64_t next_id_ = 0;
  std::uint64_t retries_ = 0;
  bool stopping_ = false;  ///< a descriptor of stop_ was ready, and stays so
};

}  // namespace weir::s3
