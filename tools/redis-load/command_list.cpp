#include "command_list.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "time/duration.hpp"

namespace weir::redis_load {
namespace {

using Kind = CommandSpec::Kind;

bool has_fields(Kind kind) {
  return kind == Kind::hset || kind == Kind::zadd || kind == Kind::xadd || kind == Kind::stats;
}
bool may_expire(Kind kind) { return kind != Kind::publish; }
bool may_trim(Kind kind) { return kind == Kind::lpush || kind == Kind::zadd || kind == Kind::xadd; }
bool has_value(Kind kind) { return !has_fields(kind); }

}  // namespace

std::optional<std::string> adding_option(const std::vector<CommandSpec>& commands) {
  for (const CommandSpec& each : commands)
    if (each.kind != Kind::hset && each.kind != Kind::set && each.kind != Kind::zadd) return each.option;
  return std::nullopt;
}

void CommandList::add(Kind kind, const std::string& option, const std::string& value) {
  if (value.empty()) throw std::invalid_argument("empty");
  if (awaits_fields_) {
    commands_.back().fields = value;
    awaits_fields_ = false;
    return;
  }
  CommandSpec& added = commands_.emplace_back();
  added.kind = kind;
  added.option = option;
  added.key = value;
  awaits_fields_ = has_fields(kind);
}

CommandSpec& CommandList::last(const char* option, bool allowed(Kind)) {
  if (commands_.empty()) throw std::invalid_argument("it stands after the command that it refines");
  if (!allowed(commands_.back().kind))
    throw std::invalid_argument(fmt::format("{} has no {}", commands_.back().option, option));
  return commands_.back();
}

void CommandList::expire(const std::string& value) {
  CommandSpec& command = last("--expire", may_expire);
  const auto length = parse_duration(value);
  if (!length || *length < std::chrono::milliseconds(1))
    throw std::invalid_argument(fmt::format("'{}' is not a duration of at least 1ms, such as 1h or 7d", value));
  command.expire = *length;
}

void CommandList::trim(const std::string& value) {
  CommandSpec& command = last("--trim", may_trim);
  std::uint64_t count = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), count);
  if (result.ec != std::errc{} || result.ptr != value.data() + value.size() || count < 1 || count > 1'000'000'000)
    throw std::invalid_argument(fmt::format("'{}' is not a whole number from 1 to 1e9", value));
  command.trim = count;
}

void CommandList::value(const std::string& field) { last("--value", has_value).value = field; }

}  // namespace weir::redis_load
