#include "door.hpp"

#include <fmt/format.h>

#include "record/json_text.hpp"

namespace weir::coap_recv {
namespace {

using coap::Code;
using coap::Response;
namespace formats = coap::content_format;

Response come_again(std::uint32_t seconds) {
  return {.code = Code::unavailable, .text = "the pipe does not keep up: send this again", .max_age = seconds};
}

}  // namespace

Door::Door(DoorSettings settings)
    : settings_(std::move(settings)),
      path_(settings_.path.empty() ? std::nullopt : std::optional<requests::PathPattern>(settings_.path)),
      mailbox_(settings_.max_queue) {}

std::vector<std::string> Door::names() const {
  std::vector<std::string> names;
  if (path_) names = path_->names();
  if (!settings_.identity_field.empty()) names.push_back(settings_.identity_field);
  if (!settings_.sender_field.empty()) names.push_back(settings_.sender_field);
  return names;
}

void Door::read_texts(const coap::Request& request, std::vector<std::optional<std::string_view>>& texts) const {
  texts.clear();
  if (path_) {
    if (const auto values = path_->match(request.path))
      texts.insert(texts.end(), values->begin(), values->end());
    else
      texts.resize(path_->names().size());  // an observed resource has its own path
  }
  if (!settings_.identity_field.empty())
    texts.push_back(request.identity.empty() ? std::nullopt : std::optional<std::string_view>(request.identity));
  if (!settings_.sender_field.empty()) texts.emplace_back(request.endpoint);
}

std::string Door::links() const {
  // A link has no fields: it ends before the first.
  const std::string& path = settings_.path;
  const std::string beginning = path.empty() ? "/" : path.substr(0, path.find('{'));
  return fmt::format("<{}>;rt=\"weir.records\";ct=\"{} {} {} {}\"", beginning, formats::json, formats::senml_json,
                     formats::senml_cbor, formats::text);
}

std::optional<Response> Door::refuse(const coap::Request& request) const {
  if (path_ && !path_->match(request.path))
    return Response{.code = Code::not_found, .text = "records are taken at " + settings_.path};
  if (!is_utf8(request.identity)) return Response{.code = Code::bad_request, .text = "the identity is not UTF-8"};
  if (!request.format || settings_.payload != Payload::automatic) return std::nullopt;
  for (const unsigned known : {formats::text, formats::octets, formats::json, formats::senml_json, formats::senml_cbor})
    if (*request.format == known) return std::nullopt;
  return Response{.code = Code::unsupported_format,
                  .text = fmt::format("the Content-Format {} is not 0, 50, 110 or 112", *request.format)};
}

coap::Answer Door::handle(coap::Request& request) {
  coap::Answer answer{.ticket = next_ticket_++};
  answer.later = mailbox_.put({.ticket = answer.ticket, .request = std::move(request)});
  if (!answer.later) answer.response = come_again(2);
  return answer;
}

bool Door::notify(coap::Request& request) {
  return mailbox_.put({.ticket = next_ticket_++, .request = std::move(request)});
}

std::optional<Response> Door::give_up(std::uint64_t ticket) {
  const auto stage = mailbox_.withdraw(ticket);
  if (!stage) return std::nullopt;
  if (*stage == requests::Stage::waiting) return come_again(5);
  const bool stored = *stage == requests::Stage::stored;
  return Response{.code = Code::timeout,
                  .text = stored ? "stored; the sink has not committed it yet"
                                 : "the records are not safe yet: they may still be written"};
}

}  // namespace weir::coap_recv
