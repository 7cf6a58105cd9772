#include "board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "record/value_checks.hpp"
#include "time/timestamp.hpp"

namespace weir::dash_serve {
namespace {

/// The most label values of a metric; further values count as `other`.
constexpr std::size_t most_plants = 100;
/// A longer line goes to connected clients, and is not kept.
constexpr std::size_t longest_kept = 64 << 10;
/// All tables together take this part.
constexpr std::size_t part_for_tables = 8;

/// Field names that probably identify a record's key, best first.
constexpr std::array<std::string_view, 20> likely_keys{
    "city",  "sensor",  "sensor_id", "device", "device_id", "plant_id", "station", "site", "house", "room",
    "meter", "machine", "host",      "symbol", "location",  "topic",    "name",    "id",   "key",   "group"};

/// Text fields that are not keys, even when they come first.
constexpr std::array<std::string_view, 10> unlikely_keys{"weather", "state",   "level",       "rule", "message",
                                                         "unit",    "quality", "description", "type", "advice"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

/// Keys found from the first record. They have their own parser, because the run's parser has its fields from the
/// start.
struct Board::Found {
  explicit Found(const std::vector<std::string>& names) : by(names, fields), parser(fields) {}
  FieldSet fields;
  GroupKey by;
  RecordParser parser;
};

Board::Board(Settings settings)
    : settings_(std::move(settings)),
      state_(fields_.add("state")),
      prediction_(fields_.add("prediction")),
      plant_fields_{{fields_.add("plant_id"), fields_.add("plantId")}},
      parser_(Zone::named(settings_.time.zone), settings_.time.unit, settings_.time.fold),
      guard_(settings_.time.max_future ? FutureGuard(*settings_.time.max_future) : FutureGuard()),
      rule_(alert_fields_.add("rule")),
      level_(alert_fields_.add("level")),
      parameter_(alert_fields_.add("parameter")),
      field_(alert_fields_.add("field")),
      alert_parser_(alert_fields_),
      tables_(settings_.tables, fields_) {
  if (settings_.map.on()) locations_.emplace(settings_.map, fields_);
  times_ = add_times(fields_);
  for (const NamedField& each : settings_.numbers) numbers_.push_back(fields_.add(each.path));
  reported_.resize(numbers_.size());
  if (!settings_.by.empty()) by_.emplace(settings_.by, fields_);
  plants_.push_back({"", 0, 0});
}

Board::~Board() = default;

std::vector<FieldId> Board::add_times(FieldSet& fields) const {
  std::vector<FieldId> times;
  const std::string& given = settings_.time.field;
  if (!given.empty()) times.push_back(fields.add(given));
  for (const std::string_view name : usual_time_fields)  // as on the page
    if (name != given) times.push_back(fields.add(std::string(name)));
  return times;
}

std::vector<std::string> Board::by() const {
  if (by_) return by_->names();
  return found_ ? found_->by.names() : std::vector<std::string>();
}

void Board::look_for_keys(const Record& record) {
  FieldSet all;
  all.read_members();
  RecordParser parser(all);
  const Record* seen = parser.parse_copy(record.line(), 0);
  std::vector<std::string> names;
  if (seen != nullptr) {
    const auto text = [&](std::string_view name) {
      return std::any_of(seen->members().begin(), seen->members().end(), [&](const Member& each) {
        return each.key == name && (each.value.kind == Kind::string || each.value.kind == Kind::number);
      });
    };
    const auto likely = std::find_if(likely_keys.begin(), likely_keys.end(), text);
    if (likely != likely_keys.end()) {
      names.emplace_back(*likely);
    } else {
      for (const Member& each : seen->members()) {
        const bool fit = each.value.kind == Kind::string && each.key != settings_.time.field && !each.key.empty() &&
                         each.key.find('.') == std::string_view::npos && !is_one_of(unlikely_keys, each.key) &&
                         each.value.text.find("T") != 10;  // the same time again
        if (!fit) continue;
        names.emplace_back(each.key);
        break;
      }
    }
  }
  found_ = std::make_unique<Found>(names);
}

Verdict Board::read_key(const Record& record, std::string_view& key) {
  if (by_) return by_->read(record, key);
  if (!found_) look_for_keys(record);
  const Record* again = found_->parser.parse_copy(record.line(), record.line_number());
  if (again == nullptr) return Verdict::reject(found_->parser.reason());
  return found_->by.read(*again, key);
}

RecordKind Board::kind_of(const Record& record) {
  const Value& state = record[state_];
  const bool alert = state.kind == Kind::string && (state.text == "firing" || state.text == "resolved");
  const bool prediction = record[prediction_].kind != Kind::missing;
  if (alert || prediction) {
    fires_ = alert && state.text == "firing";
    slow_ = alert_parser_.parse_copy(record.line(), record.line_number());
    if (slow_ != nullptr && alert && (*slow_)[rule_].present()) return RecordKind::alert;
    if (slow_ != nullptr && prediction && (*slow_)[field_].kind == Kind::string) return RecordKind::prediction;
  }
  const auto table = tables_.match(record);
  if (!table) return RecordKind::reading;
  table_ = *table;
  return RecordKind::row;
}

std::size_t Board::plant_at(std::string_view name) {
  if (plants_[last_plant_].name == name) return last_plant_;
  const auto found = std::find_if(plants_.begin(), plants_.end(), [&](const Plant& each) { return each.name == name; });
  if (found != plants_.end()) return last_plant_ = static_cast<std::size_t>(found - plants_.begin());
  if (plants_.size() == most_plants) return most_plants;
  if (plants_.size() == most_plants - 1) name = "other";
  plants_.push_back({std::string(name.substr(0, 200)), 0, 0});
  return last_plant_ = plants_.size() - 1;
}

Board::Key& Board::key_at(std::string_view key, std::size_t plant) {
  if (const auto found = keys_.find(key); found != keys_.end()) {
    order_.splice(order_.begin(), order_, found->second.place);
    return found->second;
  }
  if (keys_.size() >= settings_.max_keys) forget_quietest();
  const auto added = keys_.try_emplace(std::string(key)).first;
  Key& made = added->second;
  order_.push_front(&added->first);
  made.place = order_.begin();
  made.plant = plant;
  (by_ ? *by_ : found_->by).append_members(made.members, key);
  if (!made.members.empty()) {
    FieldSet all;
    all.read_members();
    RecordParser parser(all);
    if (const Record* values = parser.parse_copy("{" + made.members.substr(1) + "}", 0)) {
      for (const Member& each : values->members()) {
        if (!made.text.empty()) made.text += ", ";
        made.text += each.value.kind == Kind::null ? std::string_view("–") : each.value.text;
      }
    }
  }
  bytes_ += sizeof(Key) + 2 * key.size() + made.text.size() + made.members.size();
  return made;
}

void Board::forget_quietest() {
  const auto found = keys_.find(*order_.back());
  const Key& key = found->second;
  plants_[key.plant].held -= key.readings.size() + key.predictions.size();
  bytes_ -= key.readings.bytes() + key.predictions.bytes() + sizeof(Key) + 2 * found->first.size() + key.text.size() +
            key.members.size();
  if (key.location != nullptr) {
    bytes_ -= key.location->bytes();
    --located_;
  }
  order_.pop_back();
  keys_.erase(found);
  ++forgotten_keys_;
}

void Board::keep(LineRing& ring, Key& key, std::string_view line) {
  if (line.size() > longest_kept) return;
  const auto change = [&](auto what) {
    bytes_ -= ring.bytes();
    plants_[key.plant].held -= ring.size();
    what();
    bytes_ += ring.bytes();
    plants_[key.plant].held += ring.size();
  };
  change([&] { ring.push(line, settings_.points); });
  // At the limit a key first loses its own oldest records; then the key that was silent longest is removed.
  while (bytes() > settings_.max_bytes) {
    if (ring.size() > 1)
      change([&] { ring.drop_oldest(); });
    else if (keys_.size() > 1)
      forget_quietest();
    else
      break;
  }
}

/// A record without a usable time is shown at the moment at which it came.
Verdict Board::check_time(const Record& record) {
  time_.reset();
  for (const FieldId field : times_) {
    const Value& value = record[field];
    if (value.kind != Kind::string && value.kind != Kind::number) continue;
    Time time;
    if (parser_.parse(value.text, time)) {
      time_ = time;
      set_aside_ = !guard_.admit(time);
      return set_aside_ ? Verdict::reject("set aside") : Verdict::ok();
    }
    if (value.kind != Kind::string) continue;
    if (const std::string problem = parser_.clock_change_problem(value.text); !problem.empty())
      return Verdict::reject(fmt::format("no usable time: {} {} {}", fields_.path(field), value.raw, problem));
  }
  return Verdict::ok();
}

/// Reports text where the page would show a number and draw a chart; the first of each field.
Verdict Board::check_numbers(const Record& record) {
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    const Value& value = record[numbers_[i]];
    if (!value.present() || value.number()) continue;
    const std::string& path = fields_.path(numbers_[i]);
    if (settings_.strict) return reject_number(path, value);
    ++not_numbers_;
    if (reported_[i]) continue;
    reported_[i] = true;
    messages_.push_back({not_a_number_text(path, value) + ": it has no chart"});
  }
  return Verdict::ok();
}

/// Keeps where the key of a record is. One that nothing else is kept of becomes a key when it is known where it is.
void Board::locate(const Record& record, RecordKind kind, std::string_view key, std::size_t plant) {
  std::unique_ptr<Location> none;
  // A row that does not tell where it is, such as one about mails, need not be of a key of the map.
  const bool less = kind == RecordKind::alert || (kind == RecordKind::row && !locations_->found());
  const bool is_key = locations_->found() || keys_.find(key) != keys_.end();
  std::unique_ptr<Location>& location = is_key ? key_at(key, plant).location : none;
  const bool was = location != nullptr;
  if (was) bytes_ -= location->bytes();
  locations_->update(location, record, less ? Locations::Keep::coordinates : Locations::Keep::all, time_, messages_);
  if (location == nullptr) return;
  bytes_ += location->bytes();
  if (!was) ++located_;
}

void Board::keep_row(std::string_view line) {
  if (line.size() <= longest_kept) tables_.keep(table_, line, settings_.max_bytes / part_for_tables);
  while (bytes() > settings_.max_bytes && keys_.size() > 1) forget_quietest();
}

Verdict Board::take(const Record& record) {
  set_aside_ = false;
  const RecordKind kind = kind_of(record);
  const bool is_row = kind == RecordKind::row;
  std::string_view key;
  if (!is_row || locations_)  // a row alone needs no key
    if (Verdict verdict = read_key(record, key); verdict.rejected()) return verdict;
  if (kind == RecordKind::alert)
    if (Verdict verdict = check_alert(); verdict.rejected()) return verdict;
  if (kind != RecordKind::prediction) {  // that of a prediction lies ahead
    if (Verdict verdict = check_time(record); verdict.rejected()) return verdict;
    if (locations_)
      if (Verdict verdict = locations_->read(record); verdict.rejected()) return verdict;
  }
  if (kind == RecordKind::reading && !numbers_.empty())
    if (Verdict verdict = check_numbers(record); verdict.rejected()) return verdict;
  const Value& plant_value = record[plant_fields_[record[plant_fields_[0]].present() ? 0 : 1]];
  const std::size_t plant =
      std::min(plant_at(plant_value.present() ? plant_value.text.substr(0, 200) : std::string_view()), most_plants - 1);
  ++plants_[plant].received;
  ++records_;
  if (locations_ && kind != RecordKind::prediction) locate(record, kind, key, plant);
  if (kind == RecordKind::alert) {
    take_alert(key, record.line());
    return Verdict::ok();
  }
  if (is_row) {
    keep_row(record.line());
    return Verdict::ok();
  }
  Key& entry = key_at(key, plant);
  if (kind == RecordKind::prediction) {
    keep(entry.predictions, entry, record.line());
    return Verdict::ok();
  }
  ++entry.count;
  keep(entry.readings, entry, record.line());
  return Verdict::ok();
}

const Board::Key* Board::find(std::string_view text) const {
  for (const std::string* each : order_) {
    const Key& key = keys_.find(*each)->second;
    if (key.text == text) return &key;
  }
  return nullptr;
}

void Board::each_key(const std::function<void(const Key&)>& look) const {
  for (const std::string* each : order_) look(keys_.find(*each)->second);
}

}  // namespace weir::dash_serve
