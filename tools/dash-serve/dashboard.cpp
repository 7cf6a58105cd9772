#include "dashboard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "answers.hpp"
#include "page_files.hpp"
#include "record/object_writer.hpp"

namespace weir::dash_serve {
namespace {

using clock = std::chrono::steady_clock;

/// Prometheus names and buckets, as used by dashboards of such pipelines.
const std::vector<double> latency_bounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};
/// One of this many records is timed: reading the clock costs more than the work.
constexpr std::uint64_t timed_one_of = 64;
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

web::Response plain(int status, std::string_view text) { return {.status = status, .body = std::string(text) + "\n"}; }

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
  // A client may ask before the server is known here: its answer waits.
  const std::lock_guard lock(mutex_);
  server_ = std::make_unique<web::Server>(settings_.server, std::move(hooks), log);
}

Dashboard::~Dashboard() { stop(); }

std::vector<NamedField> Dashboard::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--by", settings_.board.by);
  named.insert(named.end(), settings_.board.numbers.begin(), settings_.board.numbers.end());
  const std::vector<NamedField> map = Locations::named(settings_.board.map);
  named.insert(named.end(), map.begin(), map.end());
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
  if (request.path == "/api/map" && board_.locations() != nullptr) return respond(map());
  if (request.path == "/map-base.json" && !settings_.page.map_base.empty())
    return respond(json(settings_.page.map_base));
  if (request.path == "/healthz") return respond(health());
  if (request.path == "/metrics") return respond(metrics(request.header("accept").value_or("")));
  for (const PageFile& file : page_files())
    if (file.path == request.path)
      return respond({.type = std::string(file.type),
                      .body = std::string(file.bytes),
                      .headers = {{"Cache-Control", "no-cache"}}});
  return respond(plain(404, "There is nothing here."));
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

web::Response Dashboard::metrics(std::string_view accept) {
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
  if (const Locations* locations = board_.locations()) {
    page.gauge("dash_map_keys", "Keys on the map", {}, number(board_.located()));
    page.counter("dash_map_left_out_total", "Records that are not on the map, by the reason", {{"reason", "wrong"}},
                 number(locations->wrong_count()));
    page.counter("dash_map_left_out_total", "", {{"reason", "missing"}}, number(locations->missing_count()));
  }
  page.gauge("dash_alerts_firing", "Alerts that fire now", {}, number(board_.firing()));
  page.process();
  if (metrics::wants_open_metrics(accept))
    return {.type = std::string(metrics::Exposition::open_content_type), .body = metrics::open_text(page.text())};
  return {.type = std::string(metrics::Exposition::content_type), .body = page.text()};
}

}  // namespace weir::dash_serve
