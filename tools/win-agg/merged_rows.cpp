#include "merged_rows.hpp"

#include <fmt/format.h>

#include <utility>

#include "record/member_path.hpp"

namespace weir::win_agg {
namespace {

TimeSettings time_in(const std::string& field) {
  TimeSettings settings;
  settings.field = field;
  return settings;
}

}  // namespace

Settings with_time_of_rows(Settings settings) {
  if (settings.merges && settings.time.field.empty()) settings.time.field = "window_end";
  return settings;
}

MergedRows::MergedRows(const CellLayout& layout, CellText& text, ClosedEnd closed, FieldSet& fields)
    : layout_(layout),
      text_(text),
      start_(time_in("window_start"), fields),
      seen_field_(time_in("seen"), fields),
      closed_(name_of(closed)),
      closed_id_(fields.add("closed")),
      cell_(layout.size()) {
  for (const std::string& name : text.names()) ids_.push_back(fields.add(member_path(name)));
  values_.resize(ids_.size());
  layout_.create(cell_.data());
}

MergedRows::~MergedRows() { layout_.destroy(cell_.data()); }

Verdict MergedRows::read(const Record& record, Time last, const Window& window) {
  if (Verdict verdict = check(record, last, window); verdict.rejected()) return verdict;
  for (std::size_t i = 0; i < ids_.size(); ++i) values_[i] = record[ids_[i]];
  return read_parts();
}

bool MergedRows::write(const Record& record, EntryBuffer& entries) const {
  append_part(entries, seen_);
  for (const FieldId id : ids_) {
    EntryToken token;
    if (!token.write(record.line(), record[id])) return false;
    append_part(entries, token);
  }
  return true;
}

Verdict MergedRows::take(EntryCursor at, std::string_view line) {
  seen_ = at.next<Time>();
  for (Value& value : values_) {
    value = {};
    if (const auto& token = at.next<EntryToken>(); token.mark != static_cast<std::uint32_t>(Kind::missing))
      token.read(line, value);
  }
  return read_parts();
}

Verdict MergedRows::check(const Record& record, Time last, const Window& window) {
  Time start{};
  if (Verdict verdict = start_.read(record, start); verdict.rejected()) return verdict;
  if (Verdict verdict = seen_field_.read(record, seen_); verdict.rejected()) return verdict;
  if (start > last) return Verdict::reject("its window ends before it begins, or with its beginning");
  if (const Value closed = record[closed_id_]; closed.kind != Kind::string || closed.text != closed_)
    return Verdict::reject(
        fmt::format("its 'closed' is {}, and --closed {} here: --partial and --merge take the same --closed",
                    closed.kind == Kind::missing ? "missing" : closed.raw, closed_));
  if (start < window.start)
    return Verdict::reject(
        "its window begins before the one that it ends in: windows of --merge are made of whole ones of --partial");
  return Verdict::ok();
}

Verdict MergedRows::read_parts() {
  layout_.destroy(cell_.data());
  layout_.create(cell_.data());
  std::string problem = text_.read(values_, cell_.data());
  return problem.empty() ? Verdict::ok() : Verdict::reject(std::move(problem));
}

}  // namespace weir::win_agg
