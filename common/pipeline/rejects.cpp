#include "pipeline/rejects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "record/byte_search.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/value_checks.hpp"
#include "time/digits.hpp"

namespace weir {
namespace {

/// Rejects that are reported one by one.
constexpr std::uint64_t shown = 5;
/// Kinds of rejects that are told apart, by so many bytes of their reasons.
constexpr std::size_t most_kinds = 20;
constexpr std::size_t kind_bytes = 80;
using KindBytes = std::array<char, kind_bytes + sizeof(Bytes)>;
constexpr std::size_t pending_limit = 64 * 1024;
/// Bytes of a record that stand in a message.
constexpr std::size_t quoted = 60;

/// Text without NUL: in JSON each would take six bytes, and many of them stand for bytes that are not text.
bool is_text(std::string_view raw) { return raw.find('\0') == std::string_view::npos && is_utf8(raw); }

/// A reason without its values, what stands in quotes and numbers, in `bytes`.
std::string_view kind_of(std::string_view reason, KindBytes& bytes) {
  KindBytes padded{};
  reason.copy(padded.data(), reason.size());
  const auto is_value = [](Bytes block) -> Bytes { return ((block - '0') <= 9) | (block == '"') | (block == '\''); };
  char* end = bytes.data();
  for (std::size_t at = 0; at < reason.size();) {
    Bytes block;
    std::memcpy(&block, padded.data() + at, sizeof block);
    std::memcpy(end, &block, sizeof block);
    const std::size_t plain = std::min(first_of(is_value(block)), reason.size() - at);
    end += plain;
    at += plain;
    if (plain == sizeof block || at == reason.size()) continue;
    const char c = reason[at++];
    if (c == '"' || c == '\'') at = std::min(reason.find(c, at), reason.size() - 1) + 1;
    while (at < reason.size() && is_digit(reason[at])) ++at;
  }
  return {bytes.data(), end};
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  append_json_string(out += ',', name);
  append_json_string(out += ':', text);
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
  KindBytes bytes;
  const std::string_view kind = kind_of(reason.substr(0, kind_bytes), bytes);
  const bool is_new = !kinds_.contains(kind);
  if (is_new) kinds_.emplace(kind);
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
  append_json_string(out += R"({"reason":)", reason);
  if (line != 0) append_number(out += R"(,"line":)", line);
  out += file_member_;
  if (!origin.kind.empty() && is_utf8(origin.name)) append_member(out, origin.kind, origin.name);
  if (is_text(raw)) {
    append_json_string(out += R"(,"raw":)", raw);
  } else {
    append_base64(out += R"(,"raw_base64":")", raw);
    out += '"';
  }
  out += "}\n";
}

void Rejects::set_file(const std::string& file) {
  file_ = file;
  file_member_.clear();
  if (!file_.empty() && is_utf8(file_)) append_member(file_member_, "file", file_);
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
