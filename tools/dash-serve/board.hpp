// The dashboard's memory: the last records of each key, by their kind.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "line_ring.hpp"
#include "locations.hpp"
#include "pipeline/output.hpp"
#include "record/field_watch.hpp"
#include "record/group_key.hpp"
#include "record/parser.hpp"
#include "record/time_field.hpp"
#include "tables.hpp"

namespace weir::dash_serve {

/// The kind of a record, recognized by its fields.
enum class RecordKind : std::uint8_t {
  reading,     ///< any other record
  row,         ///< has the fields of a table
  prediction,  ///< has a field `prediction` and a string `field`: a record of polyfit-predict or ts-forecast
  alert        ///< has a `rule`, and a `state` that is `firing` or `resolved`: a record of thresh-alert
};

/// The last records of each key, as their lines, within a limit of memory. Without clock, lock and socket.
class Board {
 public:
  struct Settings {
    std::vector<std::string> by;        ///< key fields; empty: found from the first record
    std::vector<NamedField> numbers{};  ///< fields of readings that should be numbers
    bool strict = false;                ///< another value in one of these rejects its record
    TimeSettings time{};                ///< its field is never used as a key
    std::size_t points = 500;           ///< readings kept of each key; the same number of predictions
    std::size_t max_keys = 10'000;
    std::size_t max_bytes = 256 << 20;  ///< of all lines kept; alerts take an eighth of it at most
    std::size_t alerts = 500;           ///< alerts kept, of all keys together; firing ones are kept in addition
    Locations::Settings map{};          ///< its fields; without them no locations are kept
    Tables::Settings tables{};
  };

  /// A key and its records.
  struct Key {
    std::string text;     ///< the values, joined by `, `: shown on the page and used by /api/history
    std::string members;  ///< `,"city":"Athens"`
    LineRing readings;
    LineRing predictions;
    std::uint64_t count = 0;  ///< readings received
    std::size_t plant = 0;
    std::unique_ptr<Location> location;  ///< none before one is known
    std::list<const std::string*>::iterator place{};
  };

  /// The records of a plant (field `plant_id` or `plantId`; may be empty): how many came, and how many are kept.
  struct Plant {
    std::string name;
    std::uint64_t received = 0;
    std::uint64_t held = 0;
  };

  /// The number of alerts of a level that began for a parameter.
  struct AlertCount {
    std::string level;
    std::string parameter;
    std::uint64_t count = 0;
  };

  /// Throws std::invalid_argument on an invalid field path or an unknown zone.
  explicit Board(Settings settings);
  ~Board();

  const FieldSet& fields() const { return fields_; }

  /// Rejects a record whose key cannot be read, whose local time clocks skip or show twice, or that is an alert without
  /// a readable rule and level. The guard sets a reading or alert aside whose time is ahead.
  Verdict take(const Record& record);
  FutureGuard& guard() { return guard_; }
  /// Messages on the last record, for the run to report and clear.
  std::vector<RecordMessage>& messages() { return messages_; }
  /// Values of `numbers` that were not numbers.
  std::uint64_t not_numbers() const { return not_numbers_; }
  /// Adds the fields that may have the time of a record, best first.
  std::vector<FieldId> add_times(FieldSet& fields) const;
  /// Whether the last record was set aside: it will come again, or be rejected.
  bool set_aside() const { return set_aside_; }

  /// The number of records taken.
  std::uint64_t records() const { return records_; }
  /// The names of the key fields; none before the first record when they are found from it.
  std::vector<std::string> by() const;
  const Key* find(std::string_view text) const;
  /// Every key, the latest active first.
  void each_key(const std::function<void(const Key&)>& look) const;
  /// Alerts in their order of arrival, the last ones that fit into `most` bytes; before them firing ones that are
  /// older, within as many bytes again. The lines live until the next take().
  std::vector<std::string_view> alerts(std::size_t most) const;

  const std::vector<Plant>& plants() const { return plants_; }
  const std::vector<AlertCount>& alert_counts() const { return alert_counts_; }
  std::size_t keys() const { return keys_.size(); }
  std::uint64_t forgotten_keys() const { return forgotten_keys_; }
  std::size_t bytes() const { return bytes_ + alerts_.bytes() + firing_bytes_ + tables_.bytes(); }
  std::size_t firing() const { return firing_.size(); }
  /// The locations of --map; nullptr without it. Each key has its own.
  const Locations* locations() const { return locations_ ? &*locations_ : nullptr; }
  /// Keys with a location.
  std::size_t located() const { return located_; }
  const Tables& tables() const { return tables_; }

 private:
  struct Found;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Keys = std::unordered_map<std::string, Key, Hash, std::equal_to<>>;

  Verdict read_key(const Record& record, std::string_view& key);
  void look_for_keys(const Record& record);
  RecordKind kind_of(const Record& record);
  Key& key_at(std::string_view key, std::size_t plant);
  std::size_t plant_at(std::string_view name);
  void keep(LineRing& ring, Key& key, std::string_view line);
  void forget_quietest();
  void locate(const Record& record, RecordKind kind, std::string_view key, std::size_t plant);
  void keep_row(std::string_view line);
  Verdict check_time(const Record& record);
  Verdict check_numbers(const Record& record);
  Verdict check_alert() const;
  void take_alert(std::string_view key, std::string_view line);
  void count_alert();
  bool fits(const std::string& rule, std::string_view line) const;

  Settings settings_;
  FieldSet fields_;
  FieldId state_;
  FieldId prediction_;
  std::array<FieldId, 2> plant_fields_;  ///< plant_id, else plantId
  std::vector<FieldId> times_;
  std::vector<FieldId> numbers_;
  std::vector<bool> reported_;  ///< for each of numbers_: a value has been reported
  std::vector<RecordMessage> messages_;
  std::uint64_t not_numbers_ = 0;
  TimeParser parser_;
  FutureGuard guard_;
  std::optional<GroupKey> by_;
  std::unique_ptr<Found> found_;  ///< without --by
  FieldSet alert_fields_;
  FieldId rule_, level_, parameter_, field_;
  RecordParser alert_parser_;
  const Record* slow_ = nullptr;  ///< the record of kind_of(), with the fields above, unless it is a reading
  bool fires_ = false;
  bool set_aside_ = false;
  std::optional<Time> time_;  ///< of the last record
  std::optional<Locations> locations_;
  std::size_t located_ = 0;
  Tables tables_;
  std::size_t table_ = 0;  ///< of the row that kind_of() found

  Keys keys_;
  std::list<const std::string*> order_;  ///< keys, the latest active first
  LineRing alerts_;
  std::uint64_t alerts_taken_ = 0;
  struct Firing {
    std::string line;
    std::uint64_t number;  ///< how many alerts came before
  };
  std::map<std::string, Firing, std::less<>> firing_;  ///< by key, newline and rule
  std::size_t firing_bytes_ = 0;
  std::vector<AlertCount> alert_counts_;
  std::vector<Plant> plants_;
  std::size_t last_plant_ = 0;
  std::size_t bytes_ = 0;  ///< of keys and their readings and predictions
  std::uint64_t records_ = 0;
  std::uint64_t forgotten_keys_ = 0;
};

}  // namespace weir::dash_serve
