// The answers that are made of records.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "answers.hpp"
#include "dashboard.hpp"
#include "record/number.hpp"
#include "record/object_writer.hpp"

namespace weir::dash_serve {
namespace {

/// The approximate limit of an answer's records in bytes, and of predictions for a key: the page draws the last
/// forecast of each field.
constexpr std::size_t most_snapshot = 8 << 20;
constexpr std::size_t most_alerts = 2 << 20;
constexpr std::size_t most_rows = 1 << 20;
constexpr std::size_t shown_predictions = 500;
/// Keys that the page keeps, and points on its map.
constexpr std::size_t most_keys = 20'000;
constexpr std::size_t most_points = 100'000;
constexpr std::size_t most_map = 24 << 20;

/// The names of EpochUnit and Fold, for the page.
constexpr std::array<std::string_view, 4> unit_names{"s", "ms", "us", "ns"};
constexpr std::array<std::string_view, 4> fold_names{"infer", "first", "last", "reject"};

void append_degrees(std::string& out, double degrees) {
  // A ten-millionth of a degree is a centimetre.
  const double rounded = std::round(degrees * 1e7) / 1e7;
  append_number(out, rounded == 0 ? 0 : rounded);  // not -0
}

}  // namespace

/// The beginning of a page's stream: a line about the stream, then every record kept, each as it came.
web::Response Dashboard::snapshot() {
  const std::lock_guard lock(mutex_);
  const PageSettings& page = settings_.page;
  std::vector<const Board::Key*> keys;
  std::size_t all_keys = 0;
  board_.each_key([&](const Board::Key& key) {
    if (key.readings.empty() && key.predictions.empty()) return;
    ++all_keys;
    if (keys.size() < most_keys) keys.push_back(&key);
  });
  std::string out;
  out += fmt::format(R"({{"instance":"{}","records":{},"ended":{},"now":"{}","title":{},"by":{},"time":{},)", instance_,
                     board_.records(), ended_, format_time(std::chrono::system_clock::now()), json_text(page.title),
                     list_of(board_.by()), json_text(settings_.board.time.field));
  out += fmt::format(
      R"("time_unit":"{}","tz":{},"fold":"{}","fields":{},"stale_s":{},"show":{},"points":{},"keys":{},"most_keys":{},"alerts":{},"rows":{},"subscribe":{},"controls":{},"tables":{},"map":{},"units":{{)",
      unit_names[static_cast<std::size_t>(settings_.board.time.unit)], json_text(settings_.board.time.zone),
      fold_names[static_cast<std::size_t>(settings_.board.time.fold)], list_of(page.fields), seconds(page.stale),
      page.show, settings_.board.points, all_keys, most_keys, settings_.board.alerts, settings_.board.tables.rows,
      subscriptions_.offered(), sliders_.json(), board_.tables().json(), map_settings());
  bool first = true;
  for (const auto& [field, unit] : page.units) {
    if (!std::exchange(first, false)) out += ',';
    out += json_text(field) + ':' + json_text(unit);
  }
  out += "}}\n";
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
  for (std::size_t i = 0; i < board_.tables().size(); ++i)
    for (const std::string_view line : board_.tables().lines(i, most_rows)) (out += line) += '\n';
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

/// The fields of the map, for the page.
std::string Dashboard::map_settings() const {
  const Locations::Settings& map = settings_.board.map;
  if (!map.on()) return "null";
  return fmt::format(R"({{"coordinates":{},"value":{},"level":{},"label":{},"base":{},"most":{}}})",
                     list_of(map.coordinates), json_text(map.value), json_text(map.level), json_text(map.label),
                     !settings_.page.map_base.empty(), most_points);
}

/// Where each key is, as GeoJSON (RFC 7946), the latest active first.
web::Response Dashboard::map() {
  const std::lock_guard lock(mutex_);
  std::string out = R"({"type":"FeatureCollection","features":[)";
  std::size_t points = 0;
  board_.each_key([&](const Board::Key& key) {
    const Location* at = key.location.get();
    if (at == nullptr || points == most_points || out.size() > most_map) return;
    if (points++ > 0) out += ',';
    out += R"({"type":"Feature","geometry":{"type":"Point","coordinates":[)";
    append_degrees(out, at->longitude);
    out += ',';
    append_degrees(out, at->latitude);
    out += R"(]},"properties":)";
    ObjectWriter properties(out);
    properties.string("key", key.text);
    if (!std::isnan(at->value)) properties.number("value", at->value);
    if (!at->level.empty()) properties.string("level", at->level);
    if (!at->label.empty()) properties.string("label", at->label);
    if (at->time) properties.time("time", *at->time);
    out += "}}";
  });
  out += fmt::format(R"(],"left_out":{{"points":{},"wrong":{},"missing":{}}}}})", board_.located() - points,
                     board_.locations()->wrong_count(), board_.locations()->missing_count());
  return {.type = "application/geo+json", .body = out + '\n', .headers = {{"Cache-Control", "no-store"}}};
}

}  // namespace weir::dash_serve
