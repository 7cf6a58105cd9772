// Reading silences, and asking them.
#include <fmt/format.h>

#include <sstream>

#include "config/toml_file.hpp"
#include "silences.hpp"
#include "time/timestamp.hpp"

namespace weir::alert_notify {
namespace {

/// A time as text, or as TOML writes it.
Time time_of(const TomlFile& file, const toml::node& node, std::string_view key) {
  std::string text;
  if (const auto* given = node.as_string()) {
    text = given->get();
  } else if (const auto* moment = node.as_date_time()) {
    std::ostringstream out;
    out << moment->get();
    text = out.str();
  }
  Time time;
  if (text.empty() || !TimeParser().parse(text, time))
    file.fail(node, fmt::format("{} must be a time, such as 2026-07-01T06:00:00Z", key));
  return time;
}

}  // namespace

Silences Silences::read(const std::string& path, std::string_view text) {
  const TomlFile file(path, text);
  Silences made;
  made.fields_ = std::make_shared<FieldSet>();
  file.expect_keys(file.root(), {"silence"}, "the file");
  file.each_table("silence", [&](const toml::table& table) {
    file.expect_keys(table, {"match", "from", "until", "comment"}, "a silence");
    Silence silence;
    if (const toml::node* match = table.get("match"))
      file.at(*match, [&] {
        silence.match = expr::Expression::compile_condition(file.string_of(*match, "match"));
        silence.match->bind(*made.fields_);
      });
    if (const toml::node* from = table.get("from")) silence.from = time_of(file, *from, "from");
    if (const toml::node* until = table.get("until")) {
      silence.until = time_of(file, *until, "until");
      if (silence.until <= silence.from) file.fail(*until, "until must be after from");
    }
    made.list_.push_back(std::move(silence));
  });
  made.parser_ = std::make_shared<RecordParser>(*made.fields_);
  return made;
}

std::optional<Time> Silences::covers(const Alert& alert) const {
  if (list_.empty()) return std::nullopt;
  const Record* const record = parser_->parse_copy(alert.line, alert.number);
  std::optional<Time> until;
  for (const Silence& each : list_) {
    const bool always = each.from == Time::min() && each.until == Time::max();
    if (!alert.time ? !always : *alert.time < each.from || *alert.time >= each.until) continue;
    if (each.match && (record == nullptr || !each.match->test(*record).is_true())) continue;
    if (!until || each.until > *until) until = each.until;
  }
  return until;
}

}  // namespace weir::alert_notify
