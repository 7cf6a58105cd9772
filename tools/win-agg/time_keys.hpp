// Keys that are parts of a record's time.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "record/field_as.hpp"
#include "record/group_key.hpp"
#include "time/time_part.hpp"

namespace weir::win_agg {

/// The names of --by that mean a part of the time, in a zone.
class TimeKeys {
 public:
  TimeKeys(const std::vector<std::string>& by, Zone zone) : zone_(zone) {
    for (std::size_t i = 0; i < by.size(); ++i)
      if (const auto part = parse_time_part(read_field_as(by[i]).path)) keys_.push_back({i, *part, {}});
  }

  /// Whether a name of --by means a part of the time.
  static bool is_part(const std::string& name) { return parse_time_part(name).has_value(); }

  bool empty() const { return keys_.empty(); }

  /// Gives the parts of a time to the key as its fields.
  void give(Time time, GroupKey& group) {
    const LocalTime local = zone_.to_local(time);
    for (Key& key : keys_) {
      key.number = std::to_string(part_of(local, key.part));
      group.give(key.field, key.number);
    }
  }

 private:
  struct Key {
    std::size_t field;  ///< of the group
    TimePart part;
    std::string number;
  };
  Zone zone_;
  std::vector<Key> keys_;
};

}  // namespace weir::win_agg
