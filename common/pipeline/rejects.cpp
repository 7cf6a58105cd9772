#include "pipeline/rejects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "record/json_text.hpp"
#include "record/object_writer.hpp"
#include "record/value_checks.hpp"

namespace weir {
namespace {

/// Rejects that are reported one by one.
constexpr std::uint64_t shown = 5;
/// Kinds of rejects that are told apart, by so many bytes of their reasons.
constexpr std::size_t most_kinds = 20;
constexpr std::size_t kind_bytes = 80;
constexpr std::size_t pending_limit = 64 * 1024;
/// Bytes of a record that stand in a message.
constexpr std::size_t quoted = 60;

/// Text without NUL: in JSON each would take six bytes, and many of them stand for bytes that are not text.
bool is_text(std::string_view raw) { return raw.find('\0') == std::string_view::npos && is_utf8(raw); }

/// A reason without its values: what stands in quotes, and numbers.
std::string kind_of(std::string_view reason) {
  std::string kind;
  char quote = 0;
  for (const char c : reason.substr(0, kind_bytes)) {
    if (c == quote)
      quote = 0;
    else if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (quote == 0 && (c < '0' || c > '9'))
      kind += c;
  }
  return kind;
}

/// The beginning of a record for a message.
std::string beginning_of(std::string_view raw) {
  return raw.empty() || !is_text(raw) ? std::string() : ": " + shortened(raw, quoted);
}

}  // namespace

Rejects::Rejects(const RejectOptions& options, cli::Context& context)
    : context_(context), strict_(options.strict), writer_(options.rejects) {
  writer_.open();
}

/// Whether a reject is one of the first, or the first of its kind.
bool Rejects::is_shown(std::string_view reason) {
  if (count_ > shown && kinds_.size() >= most_kinds) return false;
  const bool is_new = kinds_.insert(kind_of(reason)).second;
  return is_new || count_ <= shown;
}

/// Counts a reject. True where it is to be reported by itself.
bool Rejects::counted(std::string_view reason) {
  ++count_;
  if (count_ == shown + 1) context_.log.warn("more records were rejected; their number is reported at the end");
  return is_shown(reason);
}

void Rejects::count(std::uint64_t line, std::string_view reason) {
  if (counted(reason)) context_.log.at_line(file_, line, reason);
}

void Rejects::message(std::uint64_t line, const RecordMessage& message) {
  if (message.weight == Weight::lost)
    context_.log.at_line(file_, line, message.text);
  else
    context_.log.note_at_line(file_, line, message.text);
}

void Rejects::append(std::string& out, const Origin& origin, std::uint64_t line, std::string_view raw,
                     std::string_view reason) const {
  ObjectWriter object(out);
  object.string("reason", reason);
  if (line != 0) object.integer("line", static_cast<std::int64_t>(line));
  if (!file_.empty() && is_utf8(file_)) object.string("file", file_);
  if (!origin.kind.empty() && is_utf8(origin.name)) object.string(origin.kind, origin.name);
  if (is_text(raw)) {
    object.string("raw", raw);
  } else {
    std::string encoded;
    append_base64(encoded, raw);
    object.string("raw_base64", encoded);
  }
  object.end();
}

void Rejects::reject(std::uint64_t line, std::string_view raw, std::string_view reason) {
  count(line, reason);
  keep({}, line, raw, reason);
}

void Rejects::reject_from(const Origin& origin, std::uint64_t line, std::string_view raw, std::string_view reason) {
  if (!is_utf8(origin.name)) {
    count(line, reason);
  } else if (counted(reason)) {
    context_.log.error(fmt::format("{}: {}{}", origin.name, reason, beginning_of(raw)));
  }
  keep(origin, line, raw, reason);
}

void Rejects::keep(const Origin& origin, std::uint64_t line, std::string_view raw, std::string_view reason) {
  if (writer_.wanted()) {
    append(pending_, origin, line, raw, reason);
    if (pending_.size() > pending_limit) flush();
  }
  if (strict_) throw StrictReject();
}

Rejects::~Rejects() {
  try {
    flush();
  } catch (const std::exception& error) {
    context_.log.error(error.what());
  }
}

void Rejects::flush() { writer_.write(pending_); }

cli::Exit Rejects::finish() {
  flush();
  if (count_ == 0) return cli::Exit::done;
  if (count_ > shown || writer_.wanted())
    context_.log.warn(fmt::format("{} record{} rejected", count_, count_ == 1 ? "" : "s"));
  return writer_.wanted() ? cli::Exit::done : cli::Exit::left_out;
}

}  // namespace weir
