// A way to people: one small interface, and a file for each kind.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config.hpp"
#include "message.hpp"
#include "net/http/client.hpp"
#include "state/descriptor.hpp"

namespace weir::alert_notify {

/// What an attempt has come to.
struct Sent {
  enum class Outcome : std::uint8_t {
    delivered,
    later,      ///< not now: nothing was taken
    uncertain,  ///< no answer: it may have been taken
    refused,    ///< never
    stopped     ///< the run ends
  };
  Outcome outcome = Outcome::delivered;
  std::string answer{};
  std::optional<Duration> after{};  ///< how long the service asks to wait
  bool concerns_all = false;        ///< other messages of this channel would fare the same
};

std::string_view name_of(Sent::Outcome outcome);

/// Tells a channel's thread that the run ends.
class Stop {
 public:
  Stop();
  void ask();
  bool asked() const { return asked_.load(); }
  /// Readable once it is asked.
  int fd() const { return event_.get(); }

 private:
  std::atomic<bool> asked_{false};
  state::Descriptor event_;
};

/// Sends one message at a time, from a thread of its own. send() may block, but for a limit, and ends soon after a
/// stop.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;
  virtual Sent send(const Message& message) = 0;
};

/// The secrets of a channel; empty: none.
struct Secrets {
  std::string url;    ///< of a webhook, where the URL is a secret
  std::string token;  ///< Twilio's auth token, a bearer token, PagerDuty's routing key
  std::string password;
};

/// How a channel's messages may be paced.
struct Pace {
  std::optional<double> rate;  ///< messages a second; none: no limit
  double burst = 1;
};

/// The pace of a channel: as written, or its service's own.
Pace pace_of(const ChannelSpec& spec);

/// What a channel is made from: its spec, with what only the run knows.
struct ChannelSettings {
  ChannelSpec spec;
  Secrets secrets;
  std::optional<Time> now;  ///< --now
};

/// Makes channels. Each throws ConfigError for what is missing or does not fit; nothing is connected.
std::unique_ptr<Channel> make_channel(const ChannelSettings& settings, const Stop& stop);
std::unique_ptr<Channel> make_mail(const ChannelSettings& settings, const Stop& stop);
std::unique_ptr<Channel> make_http(const ChannelSettings& settings, const Stop& stop);
std::unique_ptr<Channel> make_sms(const ChannelSettings& settings, const Stop& stop);
std::unique_ptr<Channel> make_mqtt(const ChannelSettings& settings, const Stop& stop);
std::unique_ptr<Channel> make_program(const ChannelSettings& settings, const Stop& stop);

/// Throws ConfigError unless a URL is a web address whose plain text does not leave this machine, or `insecure` is
/// given.
void check_url(const ChannelSpec& spec, const std::string& url);

/// A client with the certificates of a channel. libcurl sends a request again by itself where a kept connection has
/// ended: such a service must recognize a repeat.
std::unique_ptr<http::Client> client_of(const ChannelSpec& spec, http::Connections connections);

/// Asks and waits for the answer; nothing when the run ends.
std::optional<http::Response> ask(http::Client& client, http::Request request, const Stop& stop);

/// What an answer, or its absence, means.
Sent judge(const http::Response& response, Time now);

/// The beginning of a server's text, on one line.
std::string brief_text(std::string_view text);

Time wall_clock();

}  // namespace weir::alert_notify
