#include "subscriptions.hpp"

#include <fmt/format.h>

#include "net/html.hpp"
#include "net/smtp/header.hpp"
#include "record/json_text.hpp"
#include "subscribers/subscriber_file.hpp"
#include "subscribers/subscribers.hpp"
#include "subscribers/unsubscribe_token.hpp"
#include "time/zone.hpp"

namespace weir::dash_serve {
namespace {

constexpr std::size_t most_cities = 50;
constexpr std::size_t longest_city = 100;

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
                              "<title>{0}</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n"
                              "<body class=\"letter\"><main><h1>{0}</h1>\n{1}</main>\n",
                              heading, body)};
}

}  // namespace

Subscriptions::Subscriptions(Settings settings, Log& log)
    : settings_(std::move(settings)),
      log_(log),
      by_caller_(1.0 / 60, 10),
      by_address_(1.0 / 3600, 3),
      all_(1.0 / 10, 100),
      runner_(log) {}

web::Response Subscriptions::subscribe(const web::Request& request, double now_s,
                                       const std::function<std::string()>& latest) {
  const auto form = web::parse_form(request.body);
  if (!form) return message(400, "This is not a form.");
  Subscription wanted;
  wanted.email = web::find(*form, "email").value_or("");
  while (wanted.email.starts_with(' ')) wanted.email.erase(0, 1);
  while (wanted.email.ends_with(' ')) wanted.email.pop_back();
  if (!smtp::address_problem(wanted.email).empty() || wanted.email.starts_with('-'))
    return message(400, "This is not an e-mail address.");
  for (const auto& [name, value] : *form) {
    if (name != "city" || value.empty()) continue;
    if (wanted.cities.size() == most_cities) return message(400, "These are too many.");
    if (value.size() > longest_city || value.find(';') != std::string::npos ||
        !smtp::header_text_problem(value).empty())
      return message(400, "This is not the name of a city.");
    wanted.cities.push_back(value);
  }
  if (const auto zone = web::find(*form, "timezone"); zone && Zone::find(*zone)) wanted.timezone = *zone;
  if (!by_caller_.allow(request.remote, now_s) || !by_address_.allow(address_key(wanted.email), now_s) ||
      !all_.allow("", now_s))
    return message(429, "Too many at once. Please try again later.");
  const ListChange change = weir::subscribe(settings_.file, wanted);
  if (!settings_.command.empty()) {
    std::vector<std::string> arguments = settings_.command;
    for (std::string& argument : arguments) argument = fill_in(argument, {{"email", wanted.email}});
    if (!runner_.run(std::move(arguments), latest())) log_.warn("too many greetings wait already; one is left out");
  }
  return message(200, change == ListChange::added ? "Thank you. You are on the list."
                                                  : "You were on the list already; your choice is updated.");
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
