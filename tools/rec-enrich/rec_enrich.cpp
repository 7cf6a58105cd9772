#include "rec_enrich.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/counted.hpp"
#include "record/trimmed.hpp"
#include "record/value_checks.hpp"

namespace weir::rec_enrich {
namespace {

/// A member's name as the path that leads to it.
std::string path_of(const std::string& name) {
  std::string path;
  for (const char c : name) path += c == '.' ? "\\." : std::string(1, c);
  return path;
}

/// Whether one of two paths leads into the value of the other.
bool overlap(const std::string& a, const std::string& b) {
  const auto first = FieldSet::split(a);
  const auto second = FieldSet::split(b);
  const auto shared = static_cast<std::ptrdiff_t>(std::min(first.size(), second.size()));
  return std::equal(first.begin(), first.begin() + shared, second.begin());
}

}  // namespace

RecEnrich::RecEnrich(const Settings& settings) : settings_(settings), left_out_(settings.strict) {
  std::vector<LookupSettings> lookups = read_lookups(settings.options, settings.time);
  if (lookups.empty() && settings.sets.empty()) throw std::invalid_argument("nothing to add: no --table and no --set");
  for (const LookupSettings& each : lookups) answers_later_ = answers_later_ || each.kind == SourceKind::postgres;
  const bool cache_ages = answers_later_ && settings.server.cache_for;
  if (cache_ages || std::ranges::any_of(lookups, &LookupSettings::needs_time)) time_.emplace(settings.time, fields_);
  for (std::size_t i = 0; i < lookups.size(); ++i) add_lookup(std::move(lookups[i]), settings.sources.at(i));
  for (const std::string& text : settings.sets) add_set(text);
  check_names();
  if (settings.reload) {
    if (*settings.reload <= Duration::zero()) throw std::invalid_argument("--reload must be longer than 0s");
    next_look_ = clock::now() + *settings.reload;
  }
}

void RecEnrich::add_lookup(LookupSettings settings, std::shared_ptr<Source> source) {
  Lookup lookup;
  for (const std::string& field : settings.fields) lookup.key.push_back(operand(field));
  if (!settings.number.empty()) lookup.number = operand(settings.number);
  for (const std::string& name : source->names()) lookup.members.push_back(fields_.add(path_of(name)));
  lookup.settings = std::move(settings);
  lookup.source = std::move(source);
  lookups_.push_back(std::move(lookup));
}

void RecEnrich::add_set(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trimmed(std::string_view(text).substr(0, equals));
  if (equals == std::string::npos || name.empty() || name.find_first_of("<>!") != std::string_view::npos)
    throw std::invalid_argument(fmt::format("--set: '{}' is not NAME=EXPRESSION", text));
  try {
    Set set{std::string(name), fields_.add(name), expr::Expression::compile(std::string_view(text).substr(equals + 1)),
            {}};
    for (const std::string& path : set.expression.fields()) set.operands.push_back(operand(path));
    sets_.push_back(std::move(set));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("--set {}: {}", text, error.what()));
  }
}

/// Two new members of one name would make a record with both.
void RecEnrich::check_names() const {
  std::vector<std::pair<std::string, std::string>> paths;  // and who gives it
  for (const Lookup& lookup : lookups_)
    for (const std::string& name : lookup.source->names()) paths.emplace_back(path_of(name), lookup.source->name());
  for (const Set& set : sets_) paths.emplace_back(set.name, "--set");
  for (auto a = paths.begin(); a != paths.end(); ++a)
    for (auto b = paths.begin(); b != a; ++b)
      if (overlap(a->first, b->first))
        throw std::invalid_argument(
            fmt::format("'{}' is added by {} and by {}; --take 'COLUMN as NAME' gives another name", a->first,
                        b->second, a->second));
}

/// The field of that path: where a lookup so far gives it, its member comes before the record's.
RecEnrich::Operand RecEnrich::operand(const std::string& path) {
  Operand made{fields_.add(path)};
  for (std::size_t i = 0; i < lookups_.size(); ++i) {
    const auto found = std::ranges::find(lookups_[i].members, made.id);
    if (found == lookups_[i].members.end()) continue;
    made.lookup = i;
    made.member = static_cast<std::size_t>(found - lookups_[i].members.begin());
  }
  return made;
}

/// The token of a member that was found.
std::string_view RecEnrich::member(const Lookup& lookup, std::size_t number) const {
  const std::size_t begin = number == 0 ? 0 : lookup.found.ends[number - 1];
  const std::string_view whole = lookup.found.members.substr(begin, lookup.found.ends[number] - begin);
  return whole.substr(lookup.source->opening(number));
}

Value RecEnrich::value_of(const Record& record, Operand& operand) {
  if (!operand.lookup) return record[operand.id];
  const Lookup& lookup = lookups_[*operand.lookup];
  const bool is_null = lookup.outcome == Outcome::missing && lookup.settings.miss == Miss::null;
  if (lookup.outcome == Outcome::missing && !is_null) return record[operand.id];
  Value value;
  value.raw = value.text = is_null ? std::string_view("null") : member(lookup, operand.member);
  switch (value.raw.front()) {
    case '"':
      value.kind = Kind::string;
      value.text = value.raw.substr(1, value.raw.size() - 2);
      if (value.text.find('\\') != std::string_view::npos) {
        operand.text.clear();
        unescaper_.append(value.raw, operand.text);
        value.text = operand.text;
      }
      return value;
    case '{':
      value.kind = Kind::object;
      return value;
    case '[':
      value.kind = Kind::array;
      return value;
    case 'n':
      value.kind = Kind::null;
      return value;
    case 't':
    case 'f':
      value.kind = Kind::boolean;
      return value;
    default:
      value.kind = Kind::number;
      return value;
  }
}

void RecEnrich::start(Answers& answers) {
  answers_ = &answers;
  for (const Lookup& lookup : lookups_) lookup.source->start(answers.log());
}

/// Looks the record up.
void RecEnrich::ask(const Record& record, Lookup& lookup, tables::Position now) {
  Question question{{}, now};
  lookup.outcome = Outcome::missing;
  const auto usable = [](const Value& value) {
    return value.kind == Kind::string || value.kind == Kind::number || value.kind == Kind::boolean;
  };
  if (lookup.key.size() == 1) {
    const Value value = value_of(record, lookup.key[0]);
    if (!usable(value)) return;
    question.key = value.text;
  } else {
    key_.clear();
    for (Operand& part : lookup.key) {
      const Value value = value_of(record, part);
      if (!usable(value)) return;
      tables::append_key(key_, value.text, lookup.key.size());
    }
    question.key = key_;
  }
  if (lookup.number) {
    const auto number = value_of(record, *lookup.number).number();
    if (!number) return;
    question.at = tables::position_of(*number);
  }
  lookup.outcome = lookup.source->find(question, lookup.found);
}

/// `no row of meters.csv for meter_id "m9"`.
std::string RecEnrich::miss_text(const Record& record, Lookup& lookup) {
  std::string text = fmt::format("no row of {} for", lookup.source->name());
  const auto add = [&](const std::string& field, Operand& part) {
    const Value value = value_of(record, part);
    text += fmt::format(" {} {}", field, value.kind == Kind::missing ? "(missing)" : shortened(value.raw));
  };
  for (std::size_t i = 0; i < lookup.key.size(); ++i) add(lookup.settings.fields[i], lookup.key[i]);
  if (lookup.number) add(lookup.settings.number, *lookup.number);
  return text;
}

/// Whether the record has a member already that is to be added.
bool RecEnrich::replaces(const Record& record) const {
  const auto is_there = [&](FieldId id) { return record[id].kind != Kind::missing; };
  const auto has_any = [&](const Lookup& lookup) { return std::ranges::any_of(lookup.members, is_there); };
  return std::ranges::any_of(lookups_, has_any) ||
         std::ranges::any_of(sets_, [&](const Set& set) { return is_there(set.id); });
}

void RecEnrich::write(const Record& record) {
  splicer_.begin(record);
  const bool in_place = replaces(record);
  for (const Lookup& lookup : lookups_) {
    const bool found = lookup.outcome == Outcome::found;
    if (!found && lookup.settings.miss == Miss::keep) continue;
    if (found && !in_place) {
      splicer_.add(lookup.found.members);
      continue;
    }
    for (std::size_t i = 0; i < lookup.members.size(); ++i)
      splicer_.set(record[lookup.members[i]], lookup.source->names()[i], found ? member(lookup, i) : "null");
  }
  for (const Set& set : sets_) splicer_.set(record[set.id], FieldSet::plain_name(set.name), set.token);
  line_.clear();
  splicer_.write(line_);
}

Verdict RecEnrich::on_record(const Record& record, Ticket ticket) {
  bool pending = false;
  Verdict verdict = resolve(record, ticket, pending);
  if (pending) waiting_.push_back({ticket, record.line_number(), std::string(record.line())});
  return verdict;
}

/// Answers a ticket, unless the record is rejected or a row is still to come.
Verdict RecEnrich::resolve(const Record& record, Ticket ticket, bool& pending) {
  messages_.clear();
  tables::Position now = 0;
  if (time_) {
    Time time;
    if (Verdict verdict = time_->read(record, time); verdict.rejected()) return verdict;
    now = tables::position_of(time);
  }
  for (Lookup& lookup : lookups_) {
    ask(record, lookup, now);
    if (lookup.outcome == Outcome::found) continue;
    if (lookup.outcome == Outcome::pending) {
      pending = true;  // a later table may be found by what this one gives
      return Verdict::ok();
    }
    if (lookup.settings.miss == Miss::reject) return Verdict::reject(miss_text(record, lookup));
    if (lookup.misses == 0) messages_.push_back({miss_text(record, lookup)});
  }
  left_out_.begin();
  for (Set& set : sets_) {
    operands_.clear();
    for (Operand& each : set.operands) operands_.push_back(expr::result_of(value_of(record, each)));
    const expr::Result result = set.expression.evaluate(std::span<const expr::Result>(operands_));
    if (result.failed()) left_out_.note_wrong(set.expression.error_text(result));
    set.token.clear();
    expr::append_token(set.token, result);
  }
  if (Verdict verdict = left_out_.judge(true); verdict.rejected()) return verdict;
  left_out_.accept(messages_);
  for (Lookup& lookup : lookups_) lookup.misses += lookup.outcome == Outcome::missing ? 1 : 0;
  write(record);
  for (const RecordMessage& each : messages_) answers_->note(ticket, each);
  answers_->answer(ticket, line_);
  return Verdict::ok();
}

// --- files that change -----------------------------------------------------------------------------------------------

void RecEnrich::reload() {
  for (const Lookup& lookup : lookups_) {
    try {
      if (const auto what = lookup.source->look())
        answers_->log().info(fmt::format("{} has changed: from here on with {}", lookup.source->name(), *what));
    } catch (const tables::TableError& error) {
      answers_->log().warn(fmt::format("{}; what was read before stays in use", error.what()));
    }
  }
}

void RecEnrich::on_barrier() { reload(); }

void RecEnrich::wait(std::span<pollfd> also, WaitLimit limit) {
  bool come = false;
  for (const Lookup& lookup : lookups_) come = lookup.source->move_on() || come;
  if (!come) {
    std::vector<pollfd> own;
    for (const Lookup& lookup : lookups_) lookup.source->waits_for(own, limit);
    const bool looks = next_look_ != clock::time_point::max() && !answers_->keeps_state();
    if (looks) {
      const auto left = std::chrono::ceil<WaitLimit>(std::max(next_look_ - clock::now(), clock::duration::zero()));
      limit = limit < WaitLimit::zero() ? left : std::min(left, limit);
    }
    wait_for(own, also, limit);
    for (const Lookup& lookup : lookups_) come = lookup.source->move_on() || come;
    if (looks && waiting_.empty() && clock::now() >= next_look_) {
      reload();
      next_look_ = clock::now() + *settings_.reload;
    }
  }
  if (come) resolve_waiting();
}

/// Looks at the records that wait, in their order, after answers have come.
void RecEnrich::resolve_waiting() {
  if (parser_ == nullptr) parser_ = std::make_unique<RecordParser>(fields_, Checking::every_token);
  for (std::deque<Waiting> all = std::exchange(waiting_, {}); !all.empty(); all.pop_front()) {
    Waiting& each = all.front();
    const Record* const record = parser_->parse_copy(each.line, each.number);
    bool pending = false;
    const Verdict verdict = resolve(*record, each.ticket, pending);
    if (verdict.rejected()) answers_->reject(each.ticket, verdict.reason());
    if (pending) waiting_.push_back(std::move(each));
  }
}

void RecEnrich::state(StateArchive& archive) {
  archive.value(left_out_);
  for (Lookup& lookup : lookups_) {
    const tables::Content now = lookup.source->content();
    tables::Content then = now;
    archive.values(lookup.misses, then.crc, then.size);
    if (then == now) continue;
    answers_->log().info(
        fmt::format("{} is another one than at the snapshot: it holds from here on", lookup.source->name()));
  }
}

// --- reports ---------------------------------------------------------------------------------------------------------

std::string RecEnrich::hint() const {
  std::string text;
  for (const Lookup& lookup : lookups_)
    if (const std::string hint = lookup.source->hint(); !hint.empty()) text += (text.empty() ? "" : "; ") + hint;
  return text;
}

std::vector<NamedField> RecEnrich::named_fields() const {
  std::vector<NamedField> named;
  const auto add = [&](const Operand& each, const std::string& use) {
    if (!each.lookup) named.push_back({fields_.path(each.id), use});
  };
  for (const Lookup& lookup : lookups_) {
    for (const Operand& each : lookup.key) add(each, "--on");
    if (lookup.number) add(*lookup.number, "--between");
  }
  for (const Set& set : sets_)
    for (const Operand& each : set.operands) add(each, "--set " + set.name);
  return named;
}

CountReport RecEnrich::counts() const {
  CountReport report;
  for (const Lookup& lookup : lookups_)
    report.add(lookup.misses, "record", fmt::format("without a row of {}", lookup.source->name()));
  left_out_.add_to(report);
  return report;
}

}  // namespace weir::rec_enrich
