// The outward names of alerts and groups: dedup_key.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "alert.hpp"

namespace weir::alert_notify {

/// Names that people can read, and no two alerts share. A service closes the incident of that name, and people
/// acknowledge it.
///
/// `rule/parameter/value, value` stands only for an alert that it can be read back to. All others have a hash of the
/// whole identity. The text does not tell the fields' names and types: the first alert of a rule decides which it
/// means.
class IncidentNames {
 public:
  /// At most `most` rules are remembered; alerts of further ones have a hash.
  explicit IncidentNames(std::uint64_t most) : most_(most) {}

  /// `ids` is what the ids of notifications begin with: no name may be one.
  std::string of_alert(const Alert& alert, std::string_view ids);
  /// `key` is the group's own, and begins with the route's name and NUL.
  static std::string of_group(std::string_view key);

  void state(StateArchive& archive) { archive.value(forms_); }

 private:
  bool tells_form(const Alert& alert);

  std::uint64_t most_;
  std::map<std::string, std::string> forms_;  ///< of each rule, the form of the alerts that have a readable name
};

}  // namespace weir::alert_notify
