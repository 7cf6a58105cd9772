// An alert, as it is read from a record.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.hpp"
#include "record/time_field.hpp"
#include "state/archive.hpp"

namespace weir::alert_notify {

/// Whether an alert lasts.
enum class Status : std::uint8_t {
  event,   ///< the record has no state: it tells of a moment
  firing,  ///< from now on
  resolved
};

struct Alert {
  std::string line;  ///< the record
  std::uint64_t number = 0;
  std::optional<Time> time;
  Status status = Status::event;
  std::string level;
  std::string rule;
  std::string parameter;
  std::string key;           ///< the values of the key's fields, for people
  std::string labels;        ///< the key's fields as members of JSON, each after a comma
  std::string form;          ///< names and types of these fields; not saved, as the name is made when the alert comes
  bool key_is_plain = true;  ///< the values can be read back from `key`; not saved
  std::string identity;      ///< what two records of one alert have in common
  std::string value;         ///< text, as the following; empty: none
  std::string threshold;
  std::string since;
  std::string message;

  /// Memory that it takes, a little rounded.
  std::size_t bytes() const {
    return sizeof(Alert) + line.size() + key.size() + labels.size() + form.size() + identity.size() + rule.size() +
           parameter.size() + message.size() + value.size() + threshold.size() + since.size();
  }
  void state(StateArchive& archive);
};

/// The order of levels: 3 for critical and its like, 2 for an error, 1 for a warning and what is not known, 0 for less.
int rank_of(std::string_view level);
/// Whether a level has one of the usual names.
bool is_usual_level(std::string_view level);

/// How records are read.
struct ReadingSettings {
  TimeSettings time;
  std::vector<std::string> by;  ///< fields of the key; empty: all that are not an alert's own
};

/// Reads alerts: those of thresh-alert, other records, and the messages of Alertmanager's webhook.
class AlertReader {
 public:
  /// Adds its fields. Throws std::invalid_argument, naming the option.
  AlertReader(const ReadingSettings& settings, FieldSet& fields);

  /// Appends the alerts of a record to `alerts`.
  Verdict read(const Record& record, std::vector<Alert>& alerts);

  /// The id of a record that acknowledges a notification; empty: it does not.
  std::string acknowledged(const Record& record) const;

 private:
  Verdict read_one(const Record& record, Alert& alert);
  Verdict read_key(const Record& record, Alert& alert) const;
  Verdict read_list(const Record& record, std::vector<Alert>& alerts);

  Verdict read_foreign(const Record& one, std::uint64_t number, Alert& alert);

  const FieldSet& fields_;
  std::optional<RecordParser> native_;  ///< of records in a list, made when one comes
  FieldSet own_;                        ///< of a record that was made from a message of Alertmanager
  TimeField time_;
  std::vector<FieldId> by_;
  std::vector<std::string> by_names_;
  std::vector<std::string> time_names_;
  FieldId ack_, alerts_, state_, level_, severity_, rule_, parameter_, value_, threshold_, since_, message_;
  RecordParser elements_;  ///< walks through lists
  FieldSet foreign_fields_;
  FieldId status_, starts_, ends_, name_, their_severity_, summary_, description_, their_labels_;
  RecordParser foreign_;  ///< of one alert of Alertmanager
  FieldSet label_fields_;
  RecordParser labels_parser_;
  TimeParser their_times_;
};

}  // namespace weir::alert_notify
