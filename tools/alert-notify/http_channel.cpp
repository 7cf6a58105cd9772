// Webhooks, Slack, PagerDuty, Alertmanager: a POST of JSON.
#include <fmt/format.h>

#include "channel.hpp"
#include "net/http/url.hpp"
#include "record/json_text.hpp"

namespace weir::alert_notify {
namespace {

class HttpChannel : public Channel {
 public:
  HttpChannel(const ChannelSettings& settings, const Stop& stop)
      : service_(settings.spec.service),
        secrets_(settings.secrets),
        timeout_(settings.spec.duration("timeout").value_or(std::chrono::seconds(15))),
        url_(url_of(settings)),
        user_(settings.spec.text("user")),
        is_cloud_event_(settings.spec.text("format") == "cloudevents"),
        stop_(stop),
        client_(client_of(settings.spec, http::Connections::kept)) {}

  Sent send(const Message& message) override {
    http::Request request;
    request.url = url_;
    request.timeout = std::chrono::ceil<std::chrono::milliseconds>(timeout_);
    request.body = service_ == Service::pagerduty ? with_key(message.body) : message.body;
    const char* type = is_cloud_event_ ? "application/cloudevents+json" : "application/json";
    request.headers.push_back(fmt::format("Content-Type: {}; charset=utf-8", type));
    if (service_ == Service::webhook) {
      request.headers.push_back("Idempotency-Key: " + message.id);
      if (!is_cloud_event_) {
        request.headers.emplace_back("ce-specversion: 1.0");
        request.headers.push_back("ce-id: " + message.id);
        request.headers.emplace_back("ce-source: weir/alert-notify");
        request.headers.push_back("ce-type: weir.alert." + message.kind);
      }
      if (!secrets_.token.empty()) request.headers.push_back("Authorization: Bearer " + secrets_.token);
    }
    if (!user_.empty()) request.login = http::Login{user_, secrets_.password};
    const auto response = ask(*client_, std::move(request), stop_);
    return response ? judge(*response, wall_clock()) : Sent{Sent::Outcome::stopped};
  }

 private:
  static std::string url_of(const ChannelSettings& settings) {
    const ChannelSpec& spec = settings.spec;
    std::string url = settings.secrets.url.empty() ? spec.text("url") : settings.secrets.url;
    if (spec.service == Service::pagerduty && url.empty()) url = "https://events.pagerduty.com";
    if (url.empty()) spec.fail(spec.service == Service::slack ? "give url_file, or SLACK_WEBHOOK_URL" : "give url");
    check_url(spec, url);
    const auto call = [&](std::string_view path) {
      while (url.ends_with('/')) url.pop_back();
      if (!url.ends_with(path)) url += path;
    };
    if (spec.service == Service::pagerduty) {
      call("/v2/enqueue");
      if (settings.secrets.token.empty()) spec.fail("give key_file, or PAGERDUTY_ROUTING_KEY");
    }
    if (spec.service == Service::alertmanager) call("/api/v2/alerts");
    return url;
  }

  std::string with_key(const std::string& body) const {
    std::string made = "{\"routing_key\":";
    append_json_string(made, secrets_.token);
    return made + ',' + body.substr(1);
  }

  Service service_;
  Secrets secrets_;
  Duration timeout_;
  std::string url_;
  std::string user_;
  bool is_cloud_event_;
  const Stop& stop_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace

std::unique_ptr<Channel> make_http(const ChannelSettings& settings, const Stop& stop) {
  return std::make_unique<HttpChannel>(settings, stop);
}

}  // namespace weir::alert_notify
