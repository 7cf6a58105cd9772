#include "subscriptions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <random>

#include "net/html.hpp"
#include "net/smtp/header.hpp"
#include "record/json_text.hpp"
#include "subscribers/link_token.hpp"
#include "subscribers/subscriber_file.hpp"
#include "subscribers/subscribers.hpp"
#include "time/zone.hpp"

namespace weir::dash_serve {
namespace {

constexpr std::size_t most_cities = 50;
constexpr std::size_t longest_city = 100;
/// How long the link of a mail confirms.
constexpr auto link_time = std::chrono::hours(48);

/// A command may give the address to a shell, so the form takes only what means nothing there.
bool is_harmless(std::string_view address) {
  return !address.starts_with('-') &&
         address.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+_@-") ==
             std::string_view::npos;
}

/// A secret for links of this run alone.
std::string new_secret() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

std::vector<std::string> filled(std::vector<std::string> command, const web::Fields& values) {
  for (std::string& argument : command) argument = fill_in(argument, values);
  return command;
}

web::Response message(int status, std::string_view what) {
  std::string body = "{\"message\":";
  append_json_string(body, what);
  body += "}\n";
  return {.status = status, .type = "application/json", .body = std::move(body)};
}

web::Response page(int status, std::string_view heading, const std::string& body) {
  return {.status = status,
          .type = "text/html; charset=utf-8",
          .body = fmt::format("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                              "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                              "<title>{0}</title>\n<link rel=\"icon\" href=\"icon.svg\">\n<link rel=\"icon\" "
                              "href=\"icon.svg\">\n<link rel=\"stylesheet\" href=\"style.css\">\n"
                              "<body class=\"letter\"><main><h1>{0}</h1>\n{1}</main>\n",
                              heading, body)};
}

}  // namespace

Subscriptions::Subscriptions(Settings settings, Log& log)
    : settings_(std::move(settings)),
      confirm_secret_(settings_.secret.empty() ? new_secret() : settings_.secret),
      log_(log),
      by_caller_(1.0 / 60, 10),
      by_address_(1.0 / 3600, 3),
      all_(1.0 / 10, 100),
      runner_(log) {}

web::Response Subscriptions::subscribe(const web::Request& request, double now_s, const std::string& page) {
  const auto form = web::parse_form(request.body);
  if (!form) return message(400, "This is not a form.");
  Subscription wanted;
  wanted.email = web::find(*form, "email").value_or("");
  while (wanted.email.starts_with(' ')) wanted.email.erase(0, 1);
  while (wanted.email.ends_with(' ')) wanted.email.pop_back();
  if (!smtp::address_problem(wanted.email).empty() || !is_harmless(wanted.email))
    return message(400, "This is not an e-mail address.");
  for (const auto& [name, value] : *form) {
    if (name != "city" || value.empty()) continue;
    if (wanted.cities.size() == most_cities) return message(400, "These are too many.");
    // A spreadsheet that opens the list would take `=…` for a formula.
    if (value.size() > longest_city || value.find(';') != std::string::npos ||
        std::string_view("=+-@").find(value.front()) != std::string_view::npos ||
        !smtp::header_text_problem(value).empty())
      return message(400, "This is not the name of a city.");
    wanted.cities.push_back(value);
  }
  if (const auto zone = web::find(*form, "timezone"); zone && Zone::find(*zone)) wanted.timezone = *zone;
  if (!by_caller_.allow(request.remote, now_s) || !by_address_.allow(address_key(wanted.email), now_s) ||
      !all_.allow("", now_s))
    return message(429, "Too many at once. Please try again later.");
  const Time until = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) + link_time;
  const std::string link = fmt::format("{}{}confirm?request={}", page, page.ends_with('/') ? "" : "/",
                                       confirm_token(confirm_secret_, wanted, until));
  if (!runner_.run(filled(settings_.command, {{"email", wanted.email}, {"link", link}}), ""))
    return message(503, "Too many at once. Please try again later.");
  return message(200, "Thank you. A mail with a link is on its way; the subscription begins when you follow it.");
}

web::Response Subscriptions::confirm(const web::Request& request, Time now,
                                     const std::function<std::string()>& latest) {
  const std::string token(request.parameter("request").value_or(""));
  const auto wanted = confirmed_subscription(token, confirm_secret_, now);
  if (!wanted)
    return page(403, "This link does not work",
                "<p>It may have been cut on its way, or is older than two days. Take the whole link from your mail, or "
                "subscribe again.</p>\n");
  const std::string address = escape_html(wanted->email);
  if (request.method != "POST") {
    const std::string cities =
        wanted->cities.empty() ? ""
                               : fmt::format(" of {}", escape_html(fmt::format("{}", fmt::join(wanted->cities, ", "))));
    return page(200, "Subscribe",
                fmt::format("<p>The day by mail{} to <strong>{}</strong>?</p>\n"
                            "<form method=\"post\" action=\"confirm?request={}\">"
                            "<button type=\"submit\">Subscribe</button></form>\n",
                            cities, address, escape_html(token)));
  }
  weir::subscribe(settings_.file, *wanted);
  if (!settings_.confirmed.empty() && !runner_.run(filled(settings_.confirmed, {{"email", wanted->email}}), latest()))
    log_.warn("too many commands of subscriptions wait already; one is left out");
  return page(200, "You are on the list", fmt::format("<p>The day comes by mail to {}.</p>\n", address));
}

web::Response Subscriptions::unsubscribe(const web::Request& request) {
  const std::string email(request.parameter("email").value_or(""));
  const std::string token(request.parameter("token").value_or(""));
  if (settings_.secret.empty() || !smtp::address_problem(email).empty() ||
      !is_unsubscribe_token(token, settings_.secret, email))
    return page(403, "This link does not work",
                "<p>It may have been cut on its way. Take the whole link from your mail.</p>\n");
  if (request.method != "POST")
    return page(200, "Unsubscribe",
                fmt::format("<p>No more mails to <strong>{0}</strong>?</p>\n"
                            "<form method=\"post\" action=\"unsubscribe?email={1}&amp;token={2}\">"
                            "<button type=\"submit\">Unsubscribe</button></form>\n",
                            escape_html(email), escape_html(web::percent_encode(email)), escape_html(token)));
  weir::unsubscribe(settings_.file, email);
  return page(200, "You have left the list", fmt::format("<p>No more mails go to {}.</p>\n", escape_html(email)));
}

}  // namespace weir::dash_serve
