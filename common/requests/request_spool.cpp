#include "requests/request_spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "state/epoch_file.hpp"
#include "state/line_escape.hpp"
#include "state/stage_folder.hpp"

namespace weir::requests {
namespace {

// The first byte of a line of the spool.
constexpr char record_line = 'r';  ///< and the record
constexpr char reject_line = 'x';  ///< PATH_SIZE REASON_SIZE, then path, reason and bytes, escaped
constexpr char request_line =
    'k';  ///< ID FIRST PIECES RECEIVED_NS BODY: lines of that request follow, from piece FIRST; alone: it ends
constexpr char answer_line = 'a';  ///< RUN TICKET: what stands before must be committed for this answer

/// Reads a number and the blank after it.
bool take_number(std::string_view& line, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  const auto size = static_cast<std::size_t>(end - line.data());
  if (error != std::errc() || (size < line.size() && line[size] != ' ')) return false;
  line.remove_prefix(std::min(size + 1, line.size()));
  return true;
}

}  // namespace

RequestSpool::RequestSpool(const RequestSettings& settings, FieldSet fields)
    : fields_(std::move(fields)),
      shaper_(settings.arrival, fields_),
      payload_(fields_, settings.nan),
      repeats_(settings.remember, settings.lifetime),
      max_line_(settings.max_line),
      run_(state::new_run().substr(0, 16)) {}

void RequestSpool::stored(std::string_view line) {
  if (line.empty()) return;
  const char kind = line.front();
  line.remove_prefix(1);
  if (kind == request_line) return note_stored(line);
  if (stored_id_.empty() || (kind != record_line && kind != reject_line)) return;
  Repeats::Known* known = repeats_.find(stored_id_);
  if (known == nullptr) return stored_id_.clear();
  ++(kind == record_line ? known->accepted : known->rejected);
  if (known->complete()) stored_id_.clear();
}

void RequestSpool::note_stored(std::string_view rest) {
  stored_id_.clear();
  const std::string_view id = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(id.size() + 1, rest.size()));
  std::uint64_t first = 0;
  std::uint64_t pieces = 0;
  std::uint64_t received = 0;
  if (id.empty() || !take_number(rest, first) || !take_number(rest, pieces) || !take_number(rest, received)) return;
  if (first == 0 || repeats_.find(id) == nullptr)
    repeats_.begin(id, rest, pieces, Time(Duration(static_cast<std::int64_t>(received)))).accepted = first;
  if (first < pieces) stored_id_ = id;
}

void RequestSpool::begin() {
  // What comes now is not the rest of the last request.
  if (!std::exchange(stored_id_, {}).empty()) add_(std::string(1, request_line));
}

std::optional<std::string> RequestSpool::cut_off(std::string_view beginning, std::string_view body, Time now) {
  if (!cut_off_) cut_off_ = repeats_.incomplete();
  for (const std::string& id : *cut_off_) {
    const Repeats::Known* known = id.starts_with(beginning) ? repeats_.find(id, now) : nullptr;
    if (known != nullptr && !known->complete() && known->body == body) return id;
  }
  return std::nullopt;
}

void RequestSpool::add_alias(std::string_view id, Time received) {
  repeats_.begin(id, {}, 0, received);
  add_(fmt::format("{}{} 0 0 {} ", request_line, id, received.time_since_epoch().count()));
}

std::uint64_t RequestSpool::take(std::string_view path, const Unit& unit,
                                 std::span<const std::optional<std::string_view>> texts, std::string_view counted,
                                 Time received, Report& report) {
  Repeats::Known* known = nullptr;
  std::uint64_t first = 0;
  if (!unit.id.empty()) {
    known = repeats_.find(unit.id, received);
    if (known != nullptr) {
      report.repeat(known->accepted, known->rejected);
      if (known->complete()) return 0;
      first = known->stored();
    } else {
      known = &repeats_.begin(unit.id, unit.body, unit.pieces.size(), received);
    }
    add_(fmt::format("{}{} {} {} {} {}", request_line, unit.id, first, unit.pieces.size(),
                     received.time_since_epoch().count(), unit.body));
  }
  std::uint64_t lines = 0;
  for (std::uint64_t i = first; i < unit.pieces.size(); ++i)
    lines += add_piece(path, unit.pieces[i], texts, counted, received, known, report);
  return lines;
}

std::uint64_t RequestSpool::add_piece(std::string_view path, const Piece& piece,
                                      std::span<const std::optional<std::string_view>> texts, std::string_view counted,
                                      Time received, Repeats::Known* known, Report& report) {
  std::string problem(piece.problem);
  json_line_.clear();
  if (problem.empty() && piece.json.size() > max_line_) problem = "the record is longer than --max-line";
  if (problem.empty()) {
    const Record* record = payload_.read(piece.json);
    const Verdict verdict =
        record == nullptr ? Verdict::reject(payload_.reason()) : shaper_.write(*record, texts, received, json_line_);
    problem = verdict.reason();
  }
  if (known != nullptr) ++(problem.empty() ? known->accepted : known->rejected);
  if (!problem.empty()) {
    report.reject(counted, piece.number, problem);
    add_reject(path, piece.raw, problem);
    return 1;
  }
  report.accept();
  line_.assign(1, record_line).append(json_line_, 0, json_line_.size() - 1);
  add_(line_);
  return 1;
}

void RequestSpool::add_reject(std::string_view path, std::string_view raw, std::string_view reason) {
  line_.assign(1, reject_line);
  line_ += fmt::format("{} {} ", path.size(), reason.size());
  state::append_escaped(line_, path);
  state::append_escaped(line_, reason);
  state::append_escaped(line_, raw.substr(0, max_line_));
  add_(line_);
}

void RequestSpool::add_answer(std::uint64_t ticket) { add_(fmt::format("{}{} {}", answer_line, run_, ticket)); }

RequestSpool::Line RequestSpool::line(std::string_view line) {
  using LineKind = Line::Kind;
  const char kind = line.empty() ? '\0' : line.front();
  line.remove_prefix(std::min<std::size_t>(1, line.size()));
  switch (kind) {
    case record_line:
      return {.kind = LineKind::record, .record = line};
    case request_line:
      return {};
    case answer_line:
      // Those of earlier runs have nobody who waits.
      return {.kind = line.starts_with(run_) ? LineKind::answer : LineKind::note};
    case reject_line: {
      std::uint64_t path_size = 0;
      std::uint64_t reason_size = 0;
      if (!take_number(line, path_size) || !take_number(line, reason_size)) break;
      plain_.clear();
      state::append_unescaped(plain_, line);
      const std::string_view whole = plain_;
      if (path_size + reason_size > whole.size()) break;
      return {.kind = LineKind::reject,
              .path = whole.substr(0, path_size),
              .raw = whole.substr(path_size + reason_size),
              .reason = whole.substr(path_size, reason_size)};
    }
    default:
      break;
  }
  throw state::Unusable("the spool has a line that is not a record: start with a new state folder");
}

}  // namespace weir::requests
