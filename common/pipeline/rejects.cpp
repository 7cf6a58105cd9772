#include "pipeline/rejects.hpp"

#include <fmt/format.h>

#include "record/json_text.hpp"
#include "record/object_writer.hpp"

namespace weir {
namespace {

/// Rejects that are reported one by one.
constexpr std::uint64_t shown = 5;
constexpr std::size_t pending_limit = 64 * 1024;

}  // namespace

Rejects::Rejects(const RejectOptions& options, cli::Context& context)
    : context_(context), strict_(options.strict), writer_(options.rejects) {
  writer_.open();
}

void Rejects::count(std::uint64_t line, std::string_view reason) {
  ++count_;
  if (count_ <= shown) context_.log.at_line(file_, line, reason);
  if (count_ == shown + 1) context_.log.warn("more records were rejected; their number is reported at the end");
}

void Rejects::append(std::string& out, std::uint64_t line, std::string_view raw, std::string_view reason) const {
  ObjectWriter object(out);
  object.string("reason", reason).integer("line", static_cast<std::int64_t>(line));
  if (!file_.empty() && is_utf8(file_)) object.string("file", file_);
  if (is_utf8(raw)) {
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
  if (writer_.wanted()) {
    append(pending_, line, raw, reason);
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
  return writer_.wanted() ? cli::Exit::done : cli::Exit::failed;
}

}  // namespace weir
