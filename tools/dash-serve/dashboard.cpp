#include "dashboard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "page_files.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/object_writer.hpp"

namespace weir::dash_serve {
namespace {

using clock = std::chrono::steady_clock;

/// Prometheus names and buckets, as used by dashboards of such pipelines.
const std::vector<double> latency_bounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};
/// One of this many records is timed: reading the clock costs more than the work.
constexpr std::uint64_t timed_one_of = 64;
/// The approximate limit of an answer's records in bytes, and of predictions for a key: the page draws the last of each
/// field.
constexpr std::size_t most_snapshot = 8 << 20;
constexpr std::size_t most_alerts = 2 << 20;
constexpr std::size_t shown_predictions = 32;

/// The names of EpochUnit and Fold, for the page.
constexpr std::array<std::string_view, 4> unit_names{"s", "ms", "us", "ns"};
constexpr std::array<std::string_view, 4> fold_names{"infer", "first", "last", "reject"};

double seconds(clock::duration length) { return std::chrono::duration<double>(length).count(); }

std::string new_instance() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// Paths without a password: health, and the links of mails with what their pages need.
bool is_open(std::string_view path) {
  static constexpr std::array<std::string_view, 5> paths{"/healthz", "/unsubscribe", "/confirm", "/style.css",
                                                         "/icon.svg"};
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

web::Response json(std::string body, int status = 200) {
  return {.status = status,
          .type = "application/json",
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}}};
}

web::Response plain(int status, std::string_view text) { return {.status = status, .body = std::string(text) + "\n"}; }

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& each : texts) {
    if (out.size() > 1) out += ',';
    append_json_string(out, each);
  }
  return out + ']';
}

/// Security headers of every answer: no resource from elsewhere, no framing, no inline script.
const web::Fields& safety_headers() {
  static const web::Fields fields{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action "
       "'self'; base-uri 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Resource-Policy", "same-origin"}};
  return fields;
}

}  // namespace

Dashboard::Dashboard(Settings settings, Log& log)
    : settings_(std::move(settings)),
      instance_(new_instance()),
      board_(settings_.board),
      times_(Zone::named(settings_.board.time.zone), settings_.board.time.unit, settings_.board.time.fold),
      store_time_(latency_bounds),
      send_time_(latency_bounds),
      access_(settings_.access),
      subscriptions_(settings_.subscriptions, log),
      sliders_(settings_.sliders, log) {
  web::Server::Hooks hooks;
  hooks.handle = [this](const web::Request& request) { return handle(request); };
  hooks.skipped = [](std::uint64_t records) { return fmt::format(R"({{"@ctl":"skipped","records":{}}})", records); };
  hooks.delivered = [this](clock::duration waited) { send_time_.observe(seconds(waited)); };
  server_ = std::make_unique<web::Server>(settings_.server, std::move(hooks), log);
}

Dashboard::~Dashboard() { stop(); }

std::vector<NamedField> Dashboard::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--by", settings_.board.by);
  named.insert(named.end(), settings_.board.numbers.begin(), settings_.board.numbers.end());
  if (!settings_.board.time.field.empty()) named.push_back({settings_.board.time.field, "--time"});
  return named;
}

void Dashboard::stop() { server_->stop(); }

std::string Dashboard::url() const {
  const bool tls = !settings_.server.certificate.empty();
  const std::string& host = settings_.server.address;
  return fmt::format("{}://{}:{}/", tls ? "https" : "http",
                     host.find(':') == std::string::npos ? host : "[" + host + "]", port());
}

Verdict Dashboard::take(const Record& record) {
  const std::lock_guard lock(mutex_);
  const bool timed = board_.records() % timed_one_of == 0;
  const auto begun = timed ? clock::now() : clock::time_point();
  Verdict verdict = board_.take(record);
  if (verdict.rejected()) {
    if (!board_.set_aside()) ++rejected_;
    return verdict;
  }
  server_->publish(record.line());
  if (timed) {
    last_record_ = clock::now();
    store_time_.observe(seconds(last_record_ - begun));
  }
  return verdict;
}

void Dashboard::pause() {
  const std::lock_guard lock(mutex_);
  if (board_.records() != seen_at_pause_) last_record_ = clock::now();
  seen_at_pause_ = board_.records();
}

void Dashboard::end_of_input() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  server_->notify(R"({"@ctl":"end"})");
}

std::string Dashboard::greeting(std::uint64_t records) const {
  return fmt::format(R"({{"@ctl":"hello","instance":"{}","records":{}}})", instance_, records);
}

web::Answer Dashboard::handle(const web::Request& request) {
  web::Answer answer;
  if (!access_.is_our_host(request))
    answer.response = plain(421, "This is not the name of this server.");
  else if (!is_open(request.path) && !access_.knows(request))
    answer.response = {.status = 401,
                       .body = "A password is needed.\n",
                       .headers = {{"WWW-Authenticate", "Basic realm=\"dash-serve\", charset=\"UTF-8\""}}};
  else
    answer = route(request);
  const auto& safety = safety_headers();
  answer.response.headers.insert(answer.response.headers.end(), safety.begin(), safety.end());
  return answer;
}

web::Answer Dashboard::route(const web::Request& request) {
  const auto respond = [](web::Response response) { return web::Answer{.response = std::move(response)}; };
  const bool post = request.method == "POST";
  if (request.path == "/subscribe" && subscriptions_.offered()) {
    if (!post) return respond(plain(405, "This takes a POST."));
    if (!access_.is_our_origin(request, Access::WithoutOrigin::refuse))
      return respond(plain(403, "This form is for our own page."));
    const double now_s = seconds(clock::now().time_since_epoch());
    const std::string& page = settings_.access.public_url;
    return respond(subscriptions_.subscribe(request, now_s, page.empty() ? url() : page));
  }
  if (request.path == "/control" && !settings_.sliders.sliders.empty()) {
    if (!post) return respond(plain(405, "This takes a POST."));
    if (!access_.is_our_origin(request, Access::WithoutOrigin::refuse))
      return respond(plain(403, "These sliders are for our own page."));
    return respond(sliders_.set(request, seconds(clock::now().time_since_epoch())));
  }
  if ((request.path == "/unsubscribe" && subscriptions_.has_list()) ||
      (request.path == "/confirm" && subscriptions_.offered())) {
    if (!post && request.method != "GET") return respond(plain(405, "This takes GET or POST."));
    if (request.path == "/unsubscribe") return respond(subscriptions_.unsubscribe(request));
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    return respond(subscriptions_.confirm(request, now, [this] { return latest_lines(); }));
  }
  if (request.method != "GET" && request.method != "HEAD") return respond(plain(405, "This takes a GET."));
  if (request.path == "/ws") {
    if (!access_.is_our_origin(request, Access::WithoutOrigin::allow))
      return respond(plain(403, "This stream is for our own page."));
    web::Answer answer{.way = web::Answer::Way::web_socket};
    if (request.parameter("hello")) answer.greeting = [this](std::uint64_t records) { return greeting(records); };
    return answer;
  }
  if (request.path == "/api/stream") return {.way = web::Answer::Way::event_stream};
  if (request.path == "/api/snapshot") return respond(snapshot());
  if (request.path == "/api/latest") return respond(latest(request));
  if (request.path == "/api/history") return respond(history(request));
  if (request.path == "/healthz") return respond(health());
  if (request.path == "/metrics") return respond(metrics());
  for (const PageFile& file : page_files())
    if (file.path == request.path)
      return respond({.type = std::string(file.type),
                      .body = std::string(file.bytes),
                      .headers = {{"Cache-Control", "no-cache"}}});
  return respond(plain(404, "There is nothing here."));
}

/// The beginning of a page's stream: a line about the stream, then every record kept, each as it came.
web::Response Dashboard::snapshot() {
  const std::lock_guard lock(mutex_);
  const PageSettings& page = settings_.page;
  std::string out;
  out += fmt::format(R"({{"instance":"{}","records":{},"ended":{},"now":"{}","title":{},"by":{},"time":{},)", instance_,
                     board_.records(), ended_, format_time(std::chrono::system_clock::now()), json_text(page.title),
                     list_of(board_.by()), json_text(settings_.board.time.field));
  out += fmt::format(
      R"("time_unit":"{}","tz":{},"fold":"{}","fields":{},"stale_s":{},"show":{},"points":{},"subscribe":{},"controls":{},"units":{{)",
      unit_names[static_cast<std::size_t>(settings_.board.time.unit)], json_text(settings_.board.time.zone),
      fold_names[static_cast<std::size_t>(settings_.board.time.fold)], list_of(page.fields), seconds(page.stale),
      page.show, settings_.board.points, subscriptions_.offered(), sliders_.json());
  bool first = true;
  for (const auto& [field, unit] : page.units) {
    if (!std::exchange(first, false)) out += ',';
    out += json_text(field) + ':' + json_text(unit);
  }
  out += "}}\n";
  std::vector<const Board::Key*> keys;
  board_.each_key([&](const Board::Key& key) { keys.push_back(&key); });
  // On a large board each key shows an equal share of its latest records.
  const double part = std::min(1.0, static_cast<double>(most_snapshot) / static_cast<double>(board_.bytes() + 1));
  for (const Board::Key* key : keys) {
    if (out.size() > 2 * most_snapshot) break;
    const auto count = key->readings.size();
    const auto shown = static_cast<std::size_t>(std::ceil(static_cast<double>(count) * part));
    for (std::size_t i = count - shown; i < count; ++i) (out += key->readings[i]) += '\n';
    const auto predicted = key->predictions.size();
    for (std::size_t i = predicted - std::min(predicted, shown_predictions); i < predicted; ++i)
      (out += key->predictions[i]) += '\n';
  }
  for (const std::string_view line : board_.alerts(most_alerts)) (out += line) += '\n';
  return {.type = "application/x-ndjson", .body = std::move(out), .headers = {{"Cache-Control", "no-store"}}};
}

std::string Dashboard::latest_lines() {
  const std::lock_guard lock(mutex_);
  std::string out;
  board_.each_key([&](const Board::Key& key) {
    if (!key.readings.empty()) (out += key.readings.back()) += '\n';
  });
  return out;
}

/// The first of these fields that is a time.
std::optional<Time> Dashboard::time_of(const Record& record, const std::vector<FieldId>& fields) {
  for (const FieldId field : fields)
    if (record[field].kind == Kind::string || record[field].kind == Kind::number)
      if (const auto time = times_.parse(record[field].text)) return time;
  return std::nullopt;
}

web::Response Dashboard::latest(const web::Request& request) {
  const std::lock_guard lock(mutex_);
  FieldSet fields;
  const auto times = board_.add_times(fields);
  RecordParser parser(fields, Checking::structure);
  std::string out = "[";
  const auto now = std::chrono::system_clock::now();
  const auto only = request.parameter("key");
  board_.each_key([&](const Board::Key& key) {
    if (key.readings.empty() || (only && key.text != *only) || out.size() > 2 * most_snapshot) return;
    const Record* record = parser.parse_copy(key.readings.back(), 0);
    if (record == nullptr) return;  // none that has come in is
    if (out.size() > 1) out += ',';
    ObjectWriter object(out);
    object.string("key", key.text).raw("by", key.members.empty() ? "{}" : "{" + key.members.substr(1) + "}");
    object.integer("readings", static_cast<std::int64_t>(key.count));
    if (const auto moment = time_of(*record, times)) {
      object.time("time", *moment).number("age_s", std::chrono::duration<double>(now - *moment).count());
    } else {
      object.null("time").null("age_s");
    }
    object.raw("record", record->line());
    object.end();
    out.pop_back();
  });
  return json(out + "]\n");
}

web::Response Dashboard::history(const web::Request& request) {
  const auto key_text = request.parameter("key");
  const auto field = request.parameter("field");
  if (!field) return json("{\"error\":\"field is missing: ?key=…&field=…&since=…\"}\n", 400);
  std::optional<Time> since;
  if (const auto text = request.parameter("since")) {
    since = times_.parse(*text);
    if (!since) return json("{\"error\":\"since is not a time\"}\n", 400);
  }
  FieldSet fields;
  const auto times = board_.add_times(fields);
  const FieldId parameter = fields.add("parameter");
  const FieldId value = fields.add("value");
  FieldId wanted{};
  try {
    wanted = fields.add(*field);
  } catch (const std::invalid_argument&) {
    return json("{\"error\":\"field is not a path\"}\n", 400);
  }
  RecordParser parser(fields);
  const std::lock_guard lock(mutex_);
  const Board::Key* key = board_.find(key_text.value_or(""));
  if (key == nullptr) return json("{\"error\":\"there is no such key\"}\n", 404);
  std::string out = fmt::format("{{\"key\":{},\"field\":{},\"points\":[", json_text(key->text), json_text(*field));
  bool first = true;
  for (std::size_t i = 0; i < key->readings.size(); ++i) {
    const Record* record = parser.parse_copy(key->readings[i], 0);
    if (record == nullptr) continue;
    // A record in long form names its parameter, and has the value in `value`.
    const bool is_long = (*record)[parameter].kind == Kind::string && (*record)[parameter].text == *field;
    const Value& found = is_long ? (*record)[value] : (*record)[wanted];
    if (found.kind != Kind::number) continue;
    const auto moment = time_of(*record, times);
    if (!moment || (since && *moment < *since)) continue;
    if (!std::exchange(first, false)) out += ',';
    out += fmt::format("[\"{}\",{}]", format_time(*moment), found.raw);
  }
  return json(out + "]}\n");
}

web::Response Dashboard::health() {
  const std::lock_guard lock(mutex_);
  const auto now = clock::now();
  const bool silent = settings_.max_silence > Duration::zero() && now - last_record_ > settings_.max_silence;
  const bool well = !ended_ && !silent;
  std::string out;
  ObjectWriter object(out);
  object.string("status", well ? "healthy" : "unhealthy").time("timestamp", std::chrono::system_clock::now());
  object.begin_object("checks");
  object.begin_object("input").string("status", ended_ ? "ended" : silent ? "silent" : "ok");
  object.integer("records", static_cast<std::int64_t>(board_.records()));
  object.number("silent_s", seconds(now - last_record_));
  object.end_object().begin_object("memory").string("status", "ok");
  object.integer("bytes", static_cast<std::int64_t>(board_.bytes()));
  object.integer("keys", static_cast<std::int64_t>(board_.keys())).end_object();
  const web::Figures figures = server_->figures();
  object.begin_object("clients").string("status",
                                        figures.connections < settings_.server.limits.clients ? "ok" : "full");
  object.integer("connections", static_cast<std::int64_t>(figures.connections)).end_object();
  object.end_object();
  object.end();
  return json(std::move(out), well ? 200 : 503);
}

web::Response Dashboard::metrics() {
  const std::lock_guard lock(mutex_);
  metrics::Exposition page;
  const auto number = [](auto value) { return static_cast<double>(value); };
  for (const Board::Plant& each : board_.plants())
    page.counter("iot_messages_received_total", "Records that came",
                 {{"source", settings_.source}, {"plant_id", each.name}}, number(each.received));
  for (const Board::Plant& each : board_.plants())
    page.counter("iot_messages_processed_total", "Records by what became of them",
                 {{"status", "success"}, {"plant_id", each.name}}, number(each.received));
  page.counter("iot_messages_processed_total", "", {{"status", "failed"}, {"plant_id", ""}}, number(rejected_.load()));
  for (const Board::AlertCount& each : board_.alert_counts())
    page.counter("iot_alerts_triggered_total", "Alerts that began to fire",
                 {{"level", each.level}, {"parameter", each.parameter}}, number(each.count));
  page.histogram("iot_processing_latency_seconds", "Time a record takes: to be stored (one of 64 is timed), to be sent",
                 {{"stage", "store"}}, store_time_);
  page.histogram("iot_processing_latency_seconds", "", {{"stage", "send"}}, send_time_);
  const web::Figures figures = server_->figures();
  page.gauge("iot_active_connections", "Clients of the stream", {}, number(figures.streams));
  for (const Board::Plant& each : board_.plants())
    page.gauge("iot_buffer_size", "Records kept", {{"plant_id", each.name}}, number(each.held));
  page.gauge("dash_connections", "Open connections", {}, number(figures.connections));
  page.counter("dash_requests_total", "Requests answered", {}, number(figures.requests));
  page.counter("dash_refused_total", "Requests and connections refused: malformed, too large, too many, too slow", {},
               number(figures.refused));
  page.counter("dash_frames_sent_total", "Messages sent to clients of the stream", {}, number(figures.messages_sent));
  page.counter("dash_records_skipped_total", "Records that slow clients were skipped over", {},
               number(figures.skipped));
  page.gauge("dash_feed_bytes", "Messages held for slow clients", {}, number(figures.feed_bytes));
  page.gauge("dash_board_bytes", "Memory of the records kept", {}, number(board_.bytes()));
  page.gauge("dash_keys", "Keys kept", {}, number(board_.keys()));
  page.counter("dash_forgotten_keys_total", "Quiet keys forgotten for want of room", {},
               number(board_.forgotten_keys()));
  page.gauge("dash_alerts_firing", "Alerts that fire now", {}, number(board_.firing()));
  page.process();
  return {.type = std::string(metrics::Exposition::content_type), .body = page.text()};
}

}  // namespace weir::dash_serve
