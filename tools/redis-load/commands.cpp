#include "commands.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "net/redis/command.hpp"
#include "record/value_checks.hpp"

namespace weir::redis_load {
namespace {

using Kind = CommandSpec::Kind;
using redis::append_argument;
using redis::append_arguments;
using redis::append_command;

/// Keys that are known to have the right type; beyond this many all are forgotten.
constexpr std::size_t most_checked = 1'000'000;
/// The sum of squares of 1e19 values as large as that is still finite; beyond, a hash would stay NaN.
constexpr double greatest_of_stats = 1e140;

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::hset:
    case Kind::stats:
      return "hash";
    case Kind::lpush:
      return "list";
    case Kind::zadd:
      return "zset";
    case Kind::xadd:
      return "stream";
    case Kind::set:  // replaces whatever is there
    case Kind::publish:
      break;
  }
  return {};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

/// Seconds since 1970 with their fraction, as a score.
void write_score(std::string& out, Time time) {
  const auto nanoseconds = time.time_since_epoch().count();
  fmt::format_to(std::back_inserter(out), "{:.17g}", static_cast<double>(nanoseconds) / 1e9);
}

}  // namespace

const std::string_view stats_script =
    "local h = redis.call('HMGET', KEYS[1], 'count', 'mean', 'm2')\n"
    "local x = tonumber(ARGV[1])\n"
    "local n = (tonumber(h[1]) or 0) + 1\n"
    "local mean = tonumber(h[2]) or 0\n"
    "local m2 = tonumber(h[3]) or 0\n"
    "local d = x - mean\n"
    "mean = mean + d / n\n"
    "m2 = m2 + d * (x - mean)\n"
    "redis.call('HSET', KEYS[1], 'count', string.format('%d', n), 'mean', string.format('%.17g', mean), 'm2',\n"
    "  string.format('%.17g', m2), 'std', string.format('%.17g', n > 1 and math.sqrt(m2 / (n - 1)) or 0))\n"
    "return n\n";

Commands::Commands(const std::vector<CommandSpec>& specs, FieldSet& fields) {
  if (specs.empty())
    throw std::invalid_argument("no command: give --hset, --set, --lpush, --zadd, --xadd, --publish or --stats");
  for (const CommandSpec& spec : specs) {
    try {
      commands_.push_back(command_of(spec, fields));
    } catch (const std::invalid_argument& problem) {
      throw std::invalid_argument(fmt::format("{} {}: {}", spec.option, spec.key, problem.what()));
    }
  }
  for (std::size_t at = 0; at < specs.size(); ++at)
    for (std::size_t before = 0; before < at; ++before)
      if (specs[at].key == specs[before].key && type_of(specs[at].kind) != type_of(specs[before].kind) &&
          specs[at].kind != Kind::publish && specs[before].kind != Kind::publish)
        throw std::invalid_argument(fmt::format("{} and {} have one key, '{}', and need keys of two types",
                                                specs[before].option, specs[at].option, specs[at].key));
}

Commands::Command Commands::command_of(const CommandSpec& spec, FieldSet& fields) {
  Command command{spec.kind, FieldTemplate(spec.key, fields), {}, std::nullopt, {}, {}, type_of(spec.kind)};
  for (const std::string& path : command.key.paths()) named_.push_back({path, spec.option});
  const auto field_of = [&](std::string_view text) {
    const auto equals = text.find('=');
    const std::string path(equals == std::string_view::npos ? text : text.substr(equals + 1));
    Field field{fields.add(path), {}, path};
    field.name = equals == std::string_view::npos ? FieldSet::plain_name(path) : std::string(text.substr(0, equals));
    if (field.name.empty()) throw std::invalid_argument("a field has an empty name");
    named_.push_back({path, spec.option});
    return field;
  };
  if (!spec.fields.empty())
    for (const std::string& each : split(spec.fields)) command.fields.push_back(field_of(each));
  if (spec.kind == Kind::hset || spec.kind == Kind::xadd)
    for (std::size_t at = 1; at < command.fields.size(); ++at)
      for (std::size_t before = 0; before < at; ++before)
        if (command.fields[at].name == command.fields[before].name)
          throw std::invalid_argument(fmt::format("there are two fields named '{}'; NAME=FIELD gives one another name",
                                                  command.fields[at].name));
  if (!spec.value.empty()) command.value = field_of(spec.value);
  if (spec.kind == Kind::zadd && command.fields.size() != 2)
    throw std::invalid_argument("it needs two fields, SCORE,MEMBER");
  if (spec.kind == Kind::stats) {
    if (command.fields.size() != 1) throw std::invalid_argument("it needs one field, a number");
    uses_script_ = true;
  }
  if (spec.expire)
    command.expire = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(*spec.expire).count());
  if (spec.trim) {
    // The last index that a list keeps; the last that a sorted set loses, counted from its end.
    if (spec.kind == Kind::lpush) command.trim = std::to_string(*spec.trim - 1);
    if (spec.kind == Kind::zadd) command.trim = fmt::format("-{}", *spec.trim + 1);
    if (spec.kind == Kind::xadd) command.trim = std::to_string(*spec.trim);
  }
  return command;
}

Verdict Commands::append(const Record& record, Batch& batch) {
  Entry entry;
  entry.line = record.line_number();
  entry.text = batch.text.size();
  entry.uses = batch.uses.size();
  const std::size_t to_check = batch.to_check.size();
  for (const Command& command : commands_) {
    Verdict verdict = append(command, record, batch, entry);
    if (!verdict.rejected()) continue;
    batch.text.resize(entry.text);
    batch.uses.resize(entry.uses);
    for (std::size_t at = to_check; at < batch.to_check.size(); ++at) checked_.erase(batch.to_check[at].id);
    batch.to_check.resize(to_check);
    return verdict;
  }
  entry.text_size = batch.text.size() - entry.text;
  batch.entries.push_back(entry);
  return Verdict::ok();
}

Verdict Commands::append(const Command& command, const Record& record, Batch& batch, Entry& entry) {
  const char* const what = command.kind == Kind::publish ? "the channel" : "the key";
  if (Verdict verdict = command.key.render(record, key_, what); verdict.rejected()) return verdict;
  if (command.kind != Kind::publish && is_reserved(key_))
    return Verdict::reject(fmt::format("the key {} is that of a pipeline's epoch", shortened(key_)));
  Verdict verdict = Verdict::ok();
  switch (command.kind) {
    case Kind::hset:
      verdict = append_hash(command, record, batch.text, entry);
      break;
    case Kind::xadd:
      verdict = append_stream(command, record, batch.text);
      ++entry.commands;
      break;
    case Kind::zadd:
      verdict = append_scored(command, record, batch.text);
      ++entry.commands;
      break;
    case Kind::stats:
      verdict = append_number(command, record, batch.text);
      ++entry.commands;
      break;
    default:
      verdict = append_payload(command, record, batch.text);
      ++entry.commands;
  }
  if (verdict.rejected()) return verdict;
  append_rest(command, batch.text, entry);
  if (checks_ && !command.type.empty()) use_key(command, batch, entry);
  return verdict;
}

/// The hash gets the fields that the record has, and loses those that it has not.
Verdict Commands::append_hash(const Command& command, const Record& record, std::string& out, Entry& entry) {
  std::size_t there = 0;
  for (const Field& field : command.fields) there += record[field.id].present() ? 1 : 0;
  if (there == 0) return Verdict::reject(fmt::format("none of the fields for {} is there", key_));
  const auto append = [&](std::string_view name, bool present, std::size_t arguments) {
    append_arguments(out, arguments);
    append_argument(out, name);
    append_argument(out, key_);
    for (const Field& field : command.fields) {
      const Value& value = record[field.id];
      if (value.present() != present) continue;
      append_argument(out, field.name);
      if (present) append_argument(out, value.text);
    }
    ++entry.commands;
  };
  append("HSET", true, 2 + 2 * there);
  if (there < command.fields.size()) append("HDEL", false, 2 + command.fields.size() - there);
  return Verdict::ok();
}

Verdict Commands::append_stream(const Command& command, const Record& record, std::string& out) {
  std::size_t there = 0;
  for (const Field& field : command.fields) there += record[field.id].present() ? 1 : 0;
  if (there == 0) return Verdict::reject(fmt::format("none of the fields for {} is there", key_));
  append_arguments(out, (command.trim.empty() ? 3 : 5) + 2 * there);
  append_argument(out, "XADD");
  append_argument(out, key_);
  if (!command.trim.empty()) {
    append_argument(out, "MAXLEN");
    append_argument(out, command.trim);
  }
  append_argument(out, "*");
  for (const Field& field : command.fields) {
    if (!record[field.id].present()) continue;
    append_argument(out, field.name);
    append_argument(out, record[field.id].text);
  }
  return Verdict::ok();
}

Verdict Commands::append_scored(const Command& command, const Record& record, std::string& out) {
  const Field& score = command.fields[0];
  const Field& member = command.fields[1];
  const Value& value = record[score.id];
  score_.clear();
  Time time;
  if (value.number()) {
    score_ = value.text;
  } else if (value.kind == weir::Kind::string && times_.parse(value.text, time)) {
    write_score(score_, time);
  } else {
    return Verdict::reject(fmt::format("{} is the score and is not a number or a time", score.path));
  }
  if (!record[member.id].present()) return Verdict::reject(fmt::format("{} is the member and is missing", member.path));
  append_command(out, {"ZADD", key_, score_, record[member.id].text});
  return Verdict::ok();
}

Verdict Commands::append_number(const Command& command, const Record& record, std::string& out) {
  const Field& field = command.fields[0];
  const Value& value = record[field.id];
  const auto number = value.number();
  if (!number) return Verdict::reject(fmt::format("{} is not a number", field.path));
  if (std::abs(*number) > greatest_of_stats)
    return Verdict::reject(fmt::format("{} {} is beyond 1e140, too large for --stats", field.path, value.text));
  append_command(out, {"EVALSHA", script_, "1", key_, value.text});
  return Verdict::ok();
}

Verdict Commands::append_payload(const Command& command, const Record& record, std::string& out) {
  std::string_view payload = record.line();
  if (command.value) {
    if (!record[command.value->id].present())
      return Verdict::reject(fmt::format("{} is the value and is missing", command.value->path));
    payload = record[command.value->id].text;
  }
  if (command.kind == Kind::set && !command.expire.empty())
    append_command(out, {"SET", key_, payload, "PX", command.expire});
  else
    append_command(out, {command.kind == Kind::set     ? "SET"
                         : command.kind == Kind::lpush ? "LPUSH"
                                                       : "PUBLISH",
                         key_, payload});
  return Verdict::ok();
}

/// What keeps the key short and its life limited.
void Commands::append_rest(const Command& command, std::string& out, Entry& entry) {
  if (!command.trim.empty() && command.kind != Kind::xadd) {
    if (command.kind == Kind::lpush)
      append_command(out, {"LTRIM", key_, "0", command.trim});
    else
      append_command(out, {"ZREMRANGEBYRANK", key_, "0", command.trim});
    ++entry.commands;
  }
  if (!command.expire.empty() && command.kind != Kind::set) {
    append_command(out, {"PEXPIRE", key_, command.expire});
    ++entry.commands;
  }
}

void Commands::use_key(const Command& command, Batch& batch, Entry& entry) {
  const std::uint64_t id = std::hash<std::string_view>()(key_) * 31 +
                           static_cast<std::uint64_t>(static_cast<unsigned char>(command.type[0]));
  batch.uses.push_back(id);
  ++entry.use_count;
  if (checked_.size() >= most_checked) checked_.clear();
  if (checked_.insert(id).second) batch.to_check.push_back({id, key_, command.type});
}

}  // namespace weir::redis_load
