#include "http_receiver.hpp"

#include <fmt/format.h>

#include <utility>

#include "answer.hpp"
#include "gzip/inflate.hpp"
#include "influx/precision.hpp"

namespace weir::http_recv {

using requests::format_of;
using requests::Piece;

namespace {

requests::RequestSettings with_names(requests::RequestSettings settings, const Door& door) {
  settings.arrival.texts = door.names();
  return settings;
}

/// The unit of points' times where a request names none: InfluxDB 3's own call looks at each time, earlier ones take
/// ns.
std::string_view default_precision(std::string_view path) { return path.ends_with("/write_lp") ? "auto" : "ns"; }

/// What an error says, in one line.
std::string_view sentence_of(const web::Response& response) {
  const std::string_view text = response.reason.empty() ? response.body : response.reason;
  return text.substr(0, text.find('\n'));
}

/// The fields of a CloudEvent that are read.
FieldSet event_fields() {
  FieldSet fields;
  fields.add("id");
  fields.add("source");
  return fields;
}

}  // namespace

HttpReceiver::HttpReceiver(Settings settings, web::Settings server, std::vector<std::string> secrets,
                           std::string signing_key, Now now)
    : HttpReceiver(std::make_unique<Door>(settings.door, std::move(secrets), std::move(signing_key)), settings,
                   std::move(server), std::move(now)) {}

HttpReceiver::HttpReceiver(std::unique_ptr<Door> door, const Settings& settings, web::Settings server, Now now)
    : RequestReceiver(door->mailbox(), with_names(settings.requests, *door), event_fields(), std::move(now)),
      format_(settings.format),
      path_(settings.door.path),
      server_settings_(std::move(server)),
      door_(std::move(door)) {
  FieldSet fields = event_fields();
  event_id_ = fields.add("id");
  event_source_ = fields.add("source");
}

HttpReceiver::~HttpReceiver() = default;

void HttpReceiver::listen(SourceHost& host) {
  web::Server::Hooks hooks;
  hooks.handle = [this](web::Request& request) { return door_->handle(request); };
  hooks.give_up = [this](std::uint64_t ticket) { return door_->give_up(ticket); };
  hooks.refused = [this, &log = host.log()](const web::Response& response, std::string_view remote) {
    refusals_.note(std::to_string(response.status), sentence_of(response), remote, requests::Refusals::Clock::now(),
                   log);
  };
  log_ = &host.log();
  hooks.skipped = [](std::uint64_t) { return std::string(); };
  server_ = std::make_unique<web::Server>(server_settings_, std::move(hooks), host.log());
  const std::string& address = server_settings_.address;
  host.log().info(fmt::format("listening on {}://{}:{}{}", server_settings_.certificate.empty() ? "http" : "https",
                              address.find(':') == std::string::npos ? address : "[" + address + "]", server_->port(),
                              path_.empty() ? "/" : path_));
}

std::uint64_t HttpReceiver::take(const Delivery& delivery) {
  const web::Request& request = delivery.request;
  std::string_view body = request.body;
  const std::string encoding = small_letters(request.header("content-encoding").value_or(""));
  if (!encoding.empty() && encoding != "identity") {
    inflated_.clear();
    const auto raw = encoding == "deflate" ? gzip::RawDeflate::taken : gzip::RawDeflate::refused;
    switch (gzip::inflate(body, server_settings_.limits.body, inflated_, raw)) {
      case gzip::Inflated::whole:
        break;
      case gzip::Inflated::damaged:
        return refuse_body(delivery, 400, "the body is not whole " + encoding);
      case gzip::Inflated::too_large:
        return refuse_body(delivery, 413, "the body is larger than --max-body once it is inflated");
    }
    body = inflated_;
  }
  Format format = format_;
  const auto type = request.header("content-type").value_or("");
  if (format == Format::unknown) format = format_of(type, request.path, body);
  if (format == Format::unknown && !body.empty())
    return refuse_body(
        delivery, 415,
        fmt::format("the content type '{}' is not JSON, NDJSON or SenML (--from names the format)", type));
  const auto precision = influx::precision_of(request.parameter("precision").value_or(default_precision(request.path)));
  if (format == Format::unknown) format = Format::json;
  const Time received = now_();
  if (!body_.read(body, format, precision.value_or(influx::Precision{}), received))
    return refuse_body(delivery, body_.has_too_many() ? 413 : 400, body_.reason());
  door_->read_texts(request, texts_);
  requests::Report report;
  std::uint64_t lines = 0;
  const std::vector<Unit> units = units_of(request);
  for (const Unit& each : units)
    if (const auto* known = spool_.known(each.id, received); known != nullptr && known->body != each.body) {
      answer_later(delivery.ticket, refusal(422, "this Idempotency-Key has come with another body"), 0);
      return 0;
    }
  for (const Unit& each : units) lines += spool_.take(request.path, each, texts_, body_.counted(), received, report);
  answer_later(delivery.ticket, response_of(report, format == Format::influx ? Sent::points : Sent::records), lines);
  return lines;
}

/// Rejects a whole body.
std::uint64_t HttpReceiver::refuse_body(const Delivery& delivery, int status, std::string_view reason) {
  spool_.add_reject(delivery.request.path, delivery.request.body, reason);
  requests::Report report;
  report.reject({}, 0, reason);
  web::Response response = response_of(report, Sent::records);
  response.status = status;
  answer_later(delivery.ticket, std::move(response), 1);
  return 1;
}

/// The records that are taken or known together: those of the request, or each event of a batch of CloudEvents.
std::vector<Unit> HttpReceiver::units_of(const web::Request& request) {
  const std::string type = small_letters(request.header("content-type").value_or(""));
  // Sizes keep the parts apart, whatever is in them.
  const auto event = [](std::string_view source, std::string_view id) {
    return web::digest(fmt::format("event {} {}{}", source.size(), source, id));
  };
  if (type.find("cloudevents") != std::string::npos) {
    std::vector<Unit> units;
    for (const Piece& piece : body_.pieces()) {
      const Record* record = piece.problem.empty() ? spool_.read(piece.json) : nullptr;
      Unit& unit = units.emplace_back(Unit{.id = {}, .body = {}, .pieces = {piece}});
      const auto is_text = [&](FieldId field) {
        return record != nullptr && (*record)[field].kind == Kind::string && !(*record)[field].text.empty();
      };
      if (is_text(event_id_) && is_text(event_source_))
        unit.id = event((*record)[event_source_].text, (*record)[event_id_].text);
    }
    return units;
  }
  Unit unit{.id = {}, .body = {}, .pieces = body_.pieces()};
  // A key is a sender's own: each login has keys of its own.
  const std::string_view sender = request.header("authorization").value_or("");
  if (const auto key = request.header("idempotency-key")) {
    unit.id =
        web::digest(fmt::format("key {} {} {}{}{}", request.path.size(), sender.size(), request.path, sender, *key));
    unit.body = web::digest(request.body);
  } else if (const auto id = request.header("ce-id")) {
    unit.id = event(request.header("ce-source").value_or(""), *id);
  }
  return {std::move(unit)};
}

void HttpReceiver::reply(Answers answers) { server_->reply(std::move(answers)); }

void HttpReceiver::close() {
  server_->stop();
  refusals_.report(*log_);
}

}  // namespace weir::http_recv
