#include "locations.hpp"

#include <fmt/format.h>

#include <array>

#include "record/value_checks.hpp"

namespace weir::dash_serve {
namespace {

constexpr std::array<double, 2> farthest{90, 180};
/// The longest level and label kept, in bytes.
constexpr std::size_t longest_level = 64;
constexpr std::size_t longest_label = 200;

/// The text of a scalar, cut to a length without cutting a character; empty for anything else.
std::string text_of(const Value& value, std::size_t longest) {
  if (!value.present() || value.kind == Kind::object || value.kind == Kind::array) return {};
  std::string_view text = value.text;
  if (text.size() > longest) {
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
    text = text.substr(0, end);
  }
  return std::string(text);
}

}  // namespace

Locations::Locations(Settings settings, FieldSet& fields) : settings_(std::move(settings)) {
  for (const std::string& path : settings_.coordinates) coordinates_.push_back(fields.add(path));
  if (!settings_.value.empty()) value_ = fields.add(settings_.value);
  if (!settings_.level.empty()) level_ = fields.add(settings_.level);
  if (!settings_.label.empty()) label_ = fields.add(settings_.label);
}

std::vector<NamedField> Locations::named(const Settings& settings) {
  std::vector<NamedField> named;
  for (const std::string& path : settings.coordinates) named.push_back({path, "--map"});
  if (!settings.value.empty()) named.push_back({settings.value, "--map-value"});
  if (!settings.level.empty()) named.push_back({settings.level, "--map-level"});
  if (!settings.label.empty()) named.push_back({settings.label, "--map-label"});
  return named;
}

bool Locations::read_degrees(std::size_t which, const Value& value, double& degrees) {
  if (!value.present()) return false;
  const std::string& path = settings_.coordinates[which];
  if (!value.read(degrees))
    problem_ = not_a_number_text(path, value);
  else if (!(std::abs(degrees) <= farthest[which]))
    problem_ = fmt::format("{} {} is beyond ±{} degrees", path, shortened(value.raw), farthest[which]);
  return true;
}

Verdict Locations::read(const Record& record) {
  problem_.clear();
  const Value& latitude = record[coordinates_[0]];
  const Value& longitude = record[coordinates_[1]];
  const bool has_latitude = read_degrees(0, latitude, latitude_);
  const bool has_longitude = (problem_.empty() || !has_latitude) && read_degrees(1, longitude, longitude_);
  if (problem_.empty() && has_latitude != has_longitude)
    problem_ = fmt::format("{} is {}", settings_.coordinates[has_latitude ? 1 : 0],
                           (has_latitude ? longitude : latitude).kind == Kind::null ? "null" : "missing");
  found_ = problem_.empty() && has_latitude;
  if (wrong() && settings_.strict) return Verdict::reject(problem_);
  return Verdict::ok();
}

void Locations::update(std::unique_ptr<Location>& location, const Record& record, Keep keep, std::optional<Time> time,
                       std::vector<RecordMessage>& messages) {
  if (wrong()) {
    ++wrong_;
    if (!std::exchange(reported_wrong_, true)) messages.push_back({problem_ + ": it is not on the map"});
    return;
  }
  if (!found_ && location == nullptr) {
    if (keep == Keep::coordinates) return;
    ++missing_;
    if (!std::exchange(reported_missing_, true))
      messages.push_back({fmt::format("{} and {} are missing: it is not on the map", settings_.coordinates[0],
                                      settings_.coordinates[1])});
    return;
  }
  if (location == nullptr) location = std::make_unique<Location>();
  if (found_) {
    location->latitude = latitude_;
    location->longitude = longitude_;
  }
  if (time) location->time = time;
  if (keep == Keep::coordinates) return;
  if (value_ && record[*value_].present()) location->value = record[*value_].number().value_or(std::nan(""));
  if (level_ && record[*level_].present()) location->level = text_of(record[*level_], longest_level);
  if (label_ && record[*label_].present()) location->label = text_of(record[*label_], longest_label);
}

}  // namespace weir::dash_serve
