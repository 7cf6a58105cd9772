#include "http_receiver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "gzip/inflate.hpp"
#include "influx/precision.hpp"
#include "state/epoch_file.hpp"
#include "state/line_escape.hpp"
#include "state/stage_folder.hpp"

namespace weir::http_recv {
namespace {

// The first byte of a line of the spool.
constexpr char record_line = 'r';  ///< and the record
constexpr char reject_line = 'x';  ///< PATH_SIZE REASON_SIZE, then path, reason and bytes, escaped
constexpr char request_line =
    'k';  ///< ID FIRST PIECES BODY: lines of that request follow, from piece FIRST; alone: it ends
constexpr char answer_line = 'a';  ///< RUN TICKET: what stands before must be committed for this answer

ArrivalSettings arrival_of(const Settings& settings, const Door& door) {
  ArrivalSettings made = settings.arrival;
  made.texts = door.names();
  return made;
}

/// Reads a number and the blank after it.
bool take_number(std::string_view& line, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const auto size = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || (size < line.size() && line[size] != ' ')) return false;
  line.remove_prefix(std::min(size + 1, line.size()));
  return true;
}

}  // namespace

HttpReceiver::HttpReceiver(Settings settings, web::Settings server, std::vector<std::string> secrets,
                           std::string signing_key, Now now)
    : settings_(std::move(settings)),
      server_settings_(std::move(server)),
      door_(settings_.door, std::move(secrets), std::move(signing_key)),
      now_(std::move(now)),
      event_id_(fields_.add("id")),
      event_source_(fields_.add("source")),
      shaper_(arrival_of(settings_, door_), fields_),
      payload_(fields_, settings_.nan),
      repeats_(settings_.remember),
      run_(state::new_run().substr(0, 16)) {}

HttpReceiver::~HttpReceiver() = default;

void HttpReceiver::start(SourceHost& host, Inbox& inbox) {
  host_ = &host;
  inbox_ = &inbox;
  web::Server::Hooks hooks;
  hooks.handle = [this](web::Request& request) { return door_.handle(request); };
  hooks.give_up = [this](std::uint64_t ticket) { return door_.give_up(ticket); };
  hooks.skipped = [](std::uint64_t) { return std::string(); };
  server_ = std::make_unique<web::Server>(server_settings_, std::move(hooks), host.log());
  const std::string& address = server_settings_.address;
  host.log().info(fmt::format("listening on {}://{}:{}{}", server_settings_.certificate.empty() ? "http" : "https",
                              address.find(':') == std::string::npos ? address : "[" + address + "]", server_->port(),
                              settings_.door.path.empty() ? "/" : settings_.door.path));
}

void HttpReceiver::stored(std::string_view line) {
  if (line.empty()) return;
  const char kind = line.front();
  line.remove_prefix(1);
  if (kind == request_line) {
    stored_id_.clear();
    const std::string_view id = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(id.size() + 1, line.size()));
    std::uint64_t first = 0;
    std::uint64_t pieces = 0;
    if (id.empty() || !take_number(line, first) || !take_number(line, pieces)) return;
    const Repeats::Known* known = repeats_.find(id);
    if (first == 0 || known == nullptr) {
      Repeats::Known& begun = repeats_.begin(id, line, pieces);
      begun.accepted = first;
    }
    if (first < pieces) stored_id_ = id;
    return;
  }
  if (stored_id_.empty() || (kind != record_line && kind != reject_line)) return;
  Repeats::Known* known = repeats_.find(stored_id_);
  if (known == nullptr) return stored_id_.clear();
  ++(kind == record_line ? known->accepted : known->rejected);
  if (known->complete()) stored_id_.clear();
}

bool HttpReceiver::receive(std::uint64_t most) {
  // A crash has cut off the last request: what comes now is not its rest.
  if (!std::exchange(stored_id_, {}).empty()) inbox_->add(std::string(1, request_line));
  for (std::uint64_t lines = 0; lines < most;) {
    const auto delivery = door_.mailbox().take();
    if (!delivery) return false;
    lines += take(*delivery);
  }
  return true;
}

/// Takes a request; returns the number of lines that were added.
std::uint64_t HttpReceiver::take(const Delivery& delivery) {
  const web::Request& request = delivery.request;
  std::string_view body = request.body;
  const std::string encoding = small_letters(request.header("content-encoding").value_or(""));
  if (!encoding.empty() && encoding != "identity") {
    inflated_.clear();
    switch (gzip::inflate(body, server_settings_.limits.body, inflated_)) {
      case gzip::Inflated::whole:
        break;
      case gzip::Inflated::damaged:
        return refuse_body(delivery, 400, "the body is not whole " + encoding);
      case gzip::Inflated::too_large:
        return refuse_body(delivery, 413, "the body is larger than --max-body once it is inflated");
    }
    body = inflated_;
  }
  Format format = settings_.format;
  const auto type = request.header("content-type").value_or("");
  if (format == Format::unknown) format = format_of(type, request.path, body);
  if (format == Format::unknown && !body.empty())
    return refuse_body(
        delivery, 415,
        fmt::format("the content type '{}' is not JSON, NDJSON or SenML (--from names the format)", type));
  const EpochUnit unit = influx::precision_of(request.parameter("precision").value_or("")).value_or(EpochUnit::ns);
  if (format == Format::unknown) format = Format::json;
  if (!body_.read(body, format, unit, now_()))
    return refuse_body(delivery, body_.has_too_many() ? 413 : 400, body_.reason());
  door_.read_texts(request, texts_);
  Report report;
  std::uint64_t lines = 0;
  const std::vector<Unit> units = units_of(request);
  for (const Unit& each : units)
    if (const Repeats::Known* known = repeats_.find(each.id); known != nullptr && known->body != each.body) {
      reply_later(delivery.ticket, refusal(422, "this Idempotency-Key has come with another body"), 0);
      return 0;
    }
  for (const Unit& each : units) lines += take_unit(request, each, report);
  reply_later(delivery.ticket, report.response(format == Format::influx), lines);
  return lines;
}

/// Rejects a whole body.
std::uint64_t HttpReceiver::refuse_body(const Delivery& delivery, int status, std::string_view reason) {
  add_reject(delivery.request.path, delivery.request.body, reason);
  Report report;
  report.reject({}, 0, reason);
  web::Response response = report.response(false);
  response.status = status;
  reply_later(delivery.ticket, std::move(response), 1);
  return 1;
}

/// The records that are taken or known together: those of the request, or each event of a batch of CloudEvents.
std::vector<HttpReceiver::Unit> HttpReceiver::units_of(const web::Request& request) {
  const std::string type = small_letters(request.header("content-type").value_or(""));
  // Sizes keep the parts apart, whatever is in them.
  const auto event = [](std::string_view source, std::string_view id) {
    return web::digest(fmt::format("event {} {}{}", source.size(), source, id));
  };
  if (type.find("cloudevents") != std::string::npos) {
    std::vector<Unit> units;
    for (const Piece& piece : body_.pieces()) {
      const Record* record = piece.problem.empty() ? payload_.read(piece.json) : nullptr;
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

std::uint64_t HttpReceiver::take_unit(const web::Request& request, const Unit& unit, Report& report) {
  Repeats::Known* known = nullptr;
  std::uint64_t first = 0;
  if (!unit.id.empty()) {
    known = repeats_.find(unit.id);
    if (known != nullptr) {
      report.repeat(known->accepted, known->rejected);
      if (known->complete()) return 0;
      first = known->stored();
    } else {
      known = &repeats_.begin(unit.id, unit.body, unit.pieces.size());
    }
    inbox_->add(fmt::format("{}{} {} {} {}", request_line, unit.id, first, unit.pieces.size(), unit.body));
  }
  std::uint64_t lines = 0;
  for (std::uint64_t i = first; i < unit.pieces.size(); ++i) lines += add_piece(request, unit.pieces[i], known, report);
  return lines;
}

std::uint64_t HttpReceiver::add_piece(const web::Request& request, const Piece& piece, Repeats::Known* known,
                                      Report& report) {
  std::string problem(piece.problem);
  json_line_.clear();
  if (problem.empty() && piece.json.size() > settings_.max_line) problem = "the record is longer than --max-line";
  if (problem.empty()) {
    const Record* record = payload_.read(piece.json);
    const Verdict verdict =
        record == nullptr ? Verdict::reject(payload_.reason()) : shaper_.write(*record, texts_, now_(), json_line_);
    problem = verdict.reason();
  }
  if (known != nullptr) ++(problem.empty() ? known->accepted : known->rejected);
  if (!problem.empty()) {
    report.reject(body_.counted(), piece.number, problem);
    add_reject(request.path, piece.raw, problem);
    return 1;
  }
  report.accept();
  line_.assign(1, record_line).append(json_line_, 0, json_line_.size() - 1);
  inbox_->add(line_);
  return 1;
}

void HttpReceiver::add_reject(std::string_view path, std::string_view raw, std::string_view reason) {
  line_.assign(1, reject_line);
  line_ += fmt::format("{} {} ", path.size(), reason.size());
  state::append_escaped(line_, path);
  state::append_escaped(line_, reason);
  state::append_escaped(line_, raw.substr(0, settings_.max_line));
  inbox_->add(line_);
}

/// Answers when the lines are safe: nothing was added for a request whose records are all known.
void HttpReceiver::reply_later(std::uint64_t ticket, web::Response response, std::uint64_t lines) {
  Pending pending{.ticket = ticket, .response = std::move(response), .commits = waits_for_commit()};
  if (pending.commits) inbox_->add(fmt::format("{}{} {}", answer_line, run_, ticket));
  if (!pending.commits && lines == 0 && unsafe_.empty()) {
    std::vector<Pending> now;
    now.push_back(std::move(pending));
    return reply(std::move(now));
  }
  unsafe_.push_back(std::move(pending));
}

void HttpReceiver::acknowledge() {
  std::vector<Pending> done;
  for (Pending& pending : unsafe_) {
    if (pending.commits) {
      door_.mailbox().note_stored(pending.ticket);
      emitting_.push_back(std::move(pending));
    } else {
      done.push_back(std::move(pending));
    }
  }
  unsafe_.clear();
  reply(std::move(done));
}

void HttpReceiver::committed(std::uint64_t lines) {
  committed_lines_ = lines;
  std::vector<Pending> done;
  for (; !uncommitted_.empty() && uncommitted_.front().lines <= lines; uncommitted_.pop_front())
    done.push_back(std::move(uncommitted_.front()));
  reply(std::move(done));
}

void HttpReceiver::reply(std::vector<Pending> done) {
  if (done.empty()) return;
  std::vector<std::pair<std::uint64_t, web::Response>> answers;
  for (Pending& pending : done) {
    door_.mailbox().note_answered(pending.ticket);
    answers.emplace_back(pending.ticket, std::move(pending.response));
  }
  server_->reply(std::move(answers));
}

void HttpReceiver::wait(std::span<pollfd> also, WaitLimit limit) {
  pollfd own{door_.mailbox().descriptor(), POLLIN, 0};
  wait_for({&own, 1}, also, limit);
}

Receiver::Emitted HttpReceiver::emit(std::string_view line, std::uint64_t number, Output& out) {
  const char kind = line.empty() ? '\0' : line.front();
  line.remove_prefix(std::min<std::size_t>(1, line.size()));
  switch (kind) {
    case record_line:
      out.lines += line;
      out.lines += '\n';
      return Emitted::record;
    case request_line:
      return Emitted::nothing;
    case answer_line:
      // Those of earlier runs have nobody who waits.
      if (line.starts_with(run_) && !emitting_.empty()) {
        emitting_.front().lines = number - 1;
        uncommitted_.push_back(std::move(emitting_.front()));
        emitting_.pop_front();
        committed(committed_lines_);
      }
      return Emitted::nothing;
    case reject_line: {
      std::uint64_t path_size = 0;
      std::uint64_t reason_size = 0;
      if (!take_number(line, path_size) || !take_number(line, reason_size)) break;
      plain_.clear();
      state::append_unescaped(plain_, line);
      const std::string_view whole = plain_;
      if (path_size + reason_size > whole.size()) break;
      host_->reject_from({"path", whole.substr(0, path_size)}, number, whole.substr(path_size + reason_size),
                         whole.substr(path_size, reason_size));
      return Emitted::reject;
    }
    default:
      break;
  }
  throw state::Unusable("the spool has a line that is not a record: start with a new state folder");
}

void HttpReceiver::close() { server_->stop(); }

}  // namespace weir::http_recv
