#include "coap_receiver.hpp"

#include <fmt/format.h>

#include <utility>

#include "state/checksum.hpp"

namespace weir::coap_recv {
namespace {

requests::RequestSettings with_names(requests::RequestSettings settings, const Door& door) {
  settings.arrival.texts = door.names();
  settings.lifetime = coap::exchange_lifetime;
  return settings;
}

}  // namespace

CoapReceiver::CoapReceiver(const Settings& settings, coap::Settings server, Now now)
    : CoapReceiver(std::make_unique<Door>(settings.door), settings, std::move(server), std::move(now)) {}

CoapReceiver::CoapReceiver(std::unique_ptr<Door> door, const Settings& settings, coap::Settings server, Now now)
    : RequestReceiver(door->mailbox(), with_names(settings.requests, *door), FieldSet(), std::move(now)),
      path_(settings.door.path),
      server_settings_(std::move(server)),
      door_(std::move(door)),
      payload_(settings.door.payload) {}

CoapReceiver::~CoapReceiver() = default;

void CoapReceiver::listen(SourceHost& host) {
  const std::string address = server_settings_.address;
  const bool secure = !server_settings_.keys.empty();
  server_settings_.links = door_->links();
  coap::Server::Hooks hooks;
  hooks.refuse = [this](const coap::Request& request) { return door_->refuse(request); };
  hooks.refused = [this, &log = host.log()](const coap::Response& response, std::string_view endpoint) {
    const unsigned code = static_cast<unsigned>(response.code);
    refusals_.note(fmt::format("{}.{:02}", code / 100, code % 100), response.text, endpoint,
                   requests::Refusals::Clock::now(), log);
  };
  log_ = &host.log();
  hooks.handle = [this](coap::Request& request) { return door_->handle(request); };
  hooks.notify = [this](coap::Request& request) { return door_->notify(request); };
  hooks.give_up = [this](std::uint64_t ticket) { return door_->give_up(ticket); };
  server_ = std::make_unique<coap::Server>(std::move(server_settings_), std::move(hooks), host.log());
  host.log().info(fmt::format("listening on {}://{}:{}{}", secure ? "coaps" : "coap",
                              address.find(':') == std::string::npos ? address : "[" + address + "]", server_->port(),
                              path_.empty() ? "/" : path_));
}

std::uint64_t CoapReceiver::take(const Delivery& delivery) {
  const coap::Request& request = delivery.request;
  const Time received = now_();
  const requests::Repeats::Known* known = spool_.known(request.message, received);
  if (known != nullptr) ++repeated_;
  if (request.last_block_alone && (known == nullptr || !known->complete())) {
    answer_later(delivery.ticket, {.code = coap::Code::incomplete, .text = "the blocks before this one are missing"},
                 0);
    return 0;
  }
  coap::Code refusal = coap::Code::bad_request;
  std::string_view counted;
  requests::Unit unit{.id = request.message};
  if (!request.last_block_alone) {
    if (payload_.read(request.body, request.format, received)) {
      unit.pieces = payload_.pieces();
      counted = payload_.counted();
    } else {
      unit.pieces.push_back({.number = 1, .raw = request.body, .problem = payload_.reason()});
    }
    if (payload_.has_too_many()) refusal = coap::Code::too_large;
  }
  if (request.in_blocks && !request.last_block_alone) {
    unit.body = fmt::format("{:08x}", state::crc32c({request.body}));
    // A body that a crash has cut off is sent again in new messages, as its blocks are forgotten.
    if (auto begun = spool_.cut_off(request.endpoint + '/', unit.body, received)) {
      unit.id = std::move(*begun);
      spool_.add_alias(request.message, received);
    }
  }
  door_->read_texts(request, texts_);
  requests::Report report;
  const std::uint64_t lines = spool_.take(request.path, unit, texts_, counted, received, report);
  coap::Response response;
  if (report.rejected() > 0) response = {.code = refusal, .text = report.sentence()};
  if (!request.observed) answer_later(delivery.ticket, std::move(response), lines);
  return lines;
}

void CoapReceiver::close() {
  server_->stop();
  refusals_.report(*log_);
}

std::string CoapReceiver::summary() const {
  std::string counts;
  const auto add = [&counts](std::uint64_t count, std::string_view what) {
    if (count > 0) counts += fmt::format("{}{}: {}", counts.empty() ? "" : "; ", what, count);
  };
  add(repeated_ + server_->repeated(), "messages that came again, and were not taken twice");
  add(server_->old_notifications(), "notifications that newer ones had overtaken");
  add(server_->dropped_notifications(), "notifications that were lost, because the pipe did not keep up");
  return counts;
}

bool CoapReceiver::failed() const { return server_->dropped_notifications() > 0; }

}  // namespace weir::coap_recv
