// The commands of --hset, --lpush and so on, as the options give them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "time/time_types.hpp"

namespace weir::redis_load {

/// One command of a record.
struct CommandSpec {
  enum class Kind : std::uint8_t { hset, set, lpush, zadd, xadd, publish, stats };
  Kind kind = Kind::set;
  std::string option;  ///< for messages: `--hset`
  std::string key;     ///< a FieldTemplate
  std::string fields;  ///< comma-separated, of hset, zadd, xadd and stats
  std::string value;   ///< of set, lpush and publish: this field instead of the whole record
  std::optional<Duration> expire;
  std::optional<std::uint64_t> trim;  ///< how many elements a list, sorted set or stream keeps
};

/// The option of the first command that has another effect when its record comes once more: all but --hset, --set and
/// --zadd.
std::optional<std::string> adding_option(const std::vector<CommandSpec>& commands);

/// Takes the values of the options in the order of the command line.
class CommandList {
 public:
  /// The key, and for some kinds then the fields. Throws std::invalid_argument.
  void add(CommandSpec::Kind kind, const std::string& option, const std::string& value);
  /// What refines the last command. Throws std::invalid_argument where it has no such refinement.
  void expire(const std::string& value);
  void trim(const std::string& value);
  void value(const std::string& field);

  const std::vector<CommandSpec>& commands() const { return commands_; }

 private:
  CommandSpec& last(const char* option, bool allowed(CommandSpec::Kind));
  std::vector<CommandSpec> commands_;
  bool awaits_fields_ = false;
};

}  // namespace weir::redis_load
