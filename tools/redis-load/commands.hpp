// What a record becomes: its commands, as they are sent.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "batch.hpp"
#include "command_list.hpp"
#include "record/field_template.hpp"
#include "record/field_watch.hpp"
#include "record/record.hpp"
#include "time/timestamp.hpp"

namespace weir::redis_load {

/// What the keys of pipelines' epochs begin with, unless --epoch-key names another.
constexpr std::string_view epoch_keys = "weir:epoch:";

/// The script that keeps count, mean and standard deviation in a hash (Welford's method).
extern const std::string_view stats_script;

/// Appends the commands of records to batches.
class Commands {
 public:
  /// Adds the fields that are read to `fields`. Throws std::invalid_argument, naming the option.
  Commands(const std::vector<CommandSpec>& specs, FieldSet& fields);

  /// Appends a record; a rejected one leaves nothing.
  Verdict append(const Record& record, Batch& batch);

  bool uses_script() const { return uses_script_; }
  /// The server's name of stats_script.
  void set_script(std::string sha) { script_ = std::move(sha); }

  /// No record may touch this key of a pipeline's epoch, nor one that begins as the usual ones do.
  void reserve(std::string key) { reserved_ = std::move(key); }

  /// From here on keys are given to the batch to be checked, each once.
  void check_keys() { checks_ = true; }

  const std::vector<NamedField>& named_fields() const { return named_; }

 private:
  struct Field {
    FieldId id{};
    std::string name;  ///< in the hash or stream
    std::string path;
  };
  struct Command {
    CommandSpec::Kind kind;
    FieldTemplate key;
    std::vector<Field> fields;
    std::optional<Field> value;
    std::string expire;  ///< milliseconds; empty: never
    std::string trim;    ///< as the server's command counts it; empty: none
    std::string_view type;
  };
  Command command_of(const CommandSpec& spec, FieldSet& fields);
  Verdict append(const Command& command, const Record& record, Batch& batch, Entry& entry);
  Verdict append_hash(const Command& command, const Record& record, std::string& out, Entry& entry);
  Verdict append_stream(const Command& command, const Record& record, std::string& out);
  Verdict append_scored(const Command& command, const Record& record, std::string& out);
  Verdict append_number(const Command& command, const Record& record, std::string& out);
  Verdict append_payload(const Command& command, const Record& record, std::string& out);
  void append_rest(const Command& command, std::string& out, Entry& entry);
  void use_key(const Command& command, Batch& batch, Entry& entry);
  bool is_reserved(std::string_view key) const { return key.starts_with(epoch_keys) || key == reserved_; }

  std::vector<Command> commands_;
  std::vector<NamedField> named_;
  TimeParser times_;
  std::string script_;
  std::string reserved_;
  bool uses_script_ = false;
  bool checks_ = false;
  std::unordered_set<std::uint64_t> checked_;
  std::string key_;
  std::string score_;
};

}  // namespace weir::redis_load
