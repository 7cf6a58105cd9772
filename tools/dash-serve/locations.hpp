// Where each key is: the coordinates that --map names.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/output.hpp"
#include "record/field_watch.hpp"
#include "record/record.hpp"
#include "time/time_types.hpp"

namespace weir::dash_serve {

/// The last known location of a key, in degrees, and what the map shows of it.
struct Location {
  double latitude = 0;
  double longitude = 0;
  double value = std::numeric_limits<double>::quiet_NaN();  ///< NaN: none
  std::string level;
  std::string label;
  std::optional<Time> time;  ///< of the last record

  /// The approximate memory in bytes.
  std::size_t bytes() const { return sizeof(Location) + level.capacity() + label.capacity(); }
};

/// Reads the fields of the map from records, and counts what cannot be shown on it.
class Locations {
 public:
  struct Settings {
    std::vector<std::string> coordinates{};  ///< paths of latitude and longitude; empty: no map
    std::string value{};                     ///< path of the number that colours a point; empty: none
    std::string level{};                     ///< path of the text that colours a point; empty: none
    std::string label{};                     ///< path of a text for people; empty: none
    bool strict = false;                     ///< wrong coordinates reject their record

    bool on() const { return !coordinates.empty(); }
  };

  /// Adds the paths to `fields`. Throws std::invalid_argument on an invalid one.
  Locations(Settings settings, FieldSet& fields);

  /// Reads the coordinates of a record. Rejects it when they are wrong and the settings are strict.
  Verdict read(const Record& record);
  /// Whether the record read last has a location.
  bool found() const { return found_; }
  /// Whether it has wrong coordinates.
  bool wrong() const { return !problem_.empty(); }

  /// What of a record is kept besides its coordinates: of an alert nothing.
  enum class Keep : std::uint8_t { coordinates, all };
  /// Brings a key's location up to date with the record read last. The first one that has none is reported.
  void update(std::unique_ptr<Location>& location, const Record& record, Keep keep, std::optional<Time> time,
              std::vector<RecordMessage>& messages);

  /// Records with wrong coordinates.
  std::uint64_t wrong_count() const { return wrong_; }
  /// Records without coordinates of keys that have no location.
  std::uint64_t missing_count() const { return missing_; }

  /// The fields that the options name.
  static std::vector<NamedField> named(const Settings& settings);

 private:
  /// Reads one coordinate into `degrees`; a wrong one sets `problem_`. Returns whether there is a value.
  bool read_degrees(std::size_t which, const Value& value, double& degrees);

  Settings settings_;
  std::vector<FieldId> coordinates_;
  std::optional<FieldId> value_, level_, label_;
  double latitude_ = 0;
  double longitude_ = 0;
  bool found_ = false;
  std::string problem_;
  bool reported_wrong_ = false;
  bool reported_missing_ = false;
  std::uint64_t wrong_ = 0;
  std::uint64_t missing_ = 0;
};

}  // namespace weir::dash_serve
