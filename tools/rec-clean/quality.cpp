#include "quality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "record/trimmed.hpp"
#include "time/saturating.hpp"

namespace weir::rec_clean {
namespace {

using clean::Flag;
using clean::Flags;
using clean::QartodTest;

/// A mark in a held line: this byte, which no JSON has, and one that counts the flags.
constexpr char mark = '\x01';
constexpr char first_mark = ' ';
constexpr std::size_t most_marks = 90;

const std::string& digit_of(Flag flag) {
  static const std::array<std::string, 10> digits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  return digits[static_cast<std::size_t>(flag)];
}

}  // namespace

Quality::Quality(const QualitySettings& settings, const std::string& parameter, const std::string& value, Cells& cells)
    : SeriesStep(settings, "not tested in time", cells),
      settings_(settings),
      long_(!parameter.empty()),
      value_field_(value),
      keys_(settings.max_keys) {
  named_ = named_fields_of("--by", settings.by);
  if (long_) {
    parameter_ = cells.cell(parameter);
    parameter_path_ = cells.path(parameter_);
  }
  for (const std::string& text : settings.tests) read_target(text, cells);
  whole_flag_ = cells.made_cell(settings.name);
  check_marks();
}

void Quality::check_marks() const {
  if (!long_ && targets_.size() * (clean::qartod_tests + 1) > most_marks)
    throw std::invalid_argument(
        "--qc: too many fields; let one rec-clean flag some of them and another one the others");
}

std::uint32_t Quality::add_rule(const std::string& text, clean::QartodRule rule) {
  rules_.push_back(std::move(rule));
  texts_.push_back(text);
  return static_cast<std::uint32_t>(rules_.size() - 1);
}

void Quality::read_target(const std::string& text, Cells& cells) {
  try {
    const std::size_t colon = text.find(':');
    const std::string name(trimmed(std::string_view(text).substr(0, colon)));
    if (colon == std::string::npos || name.empty())
      throw std::invalid_argument("expected FIELD: TESTS, as in 'value: range 0..14; spike 0.5 1.5'");
    for (const Target& other : targets_)
      if (other.name == name) throw std::invalid_argument(fmt::format("{} has tests already", name));
    add_target(name, clean::parse_qartod(text.substr(colon + 1)), cells);
    texts_.back() = text;
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("--qc {}: {}", text, error.what()));
  }
}

std::uint32_t Quality::add_target(const std::string& name, clean::QartodRule rule, Cells& cells) {
  const std::string field = long_ ? value_field_ : name;
  const auto place = static_cast<std::uint32_t>(targets_.size());
  Target target{
      name, add_rule(name, std::move(rule)), cells.cell(field), cells.made_cell(field + settings_.suffix), {}};
  if (settings_.detail == FlagDetail::each_test)
    for (const std::string_view test : clean::qartod_names)
      target.test_flags.push_back(cells.made_cell(fmt::format("{}{}_{}", field, settings_.suffix, test)));
  if (long_) by_parameter_.emplace(name, place);
  named_.push_back(long_ ? NamedField{parameter_path_, "--qc", name} : NamedField{name, "--qc"});
  targets_.push_back(std::move(target));
  return place;
}

void Quality::add(const std::string& key, const std::string& target, const std::string& tests, Cells& cells) {
  const auto found = std::ranges::find(targets_, target, &Target::name);
  std::size_t place = static_cast<std::size_t>(found - targets_.begin());
  if (found == targets_.end()) place = add_target(target, {}, cells);
  const std::uint32_t rule = add_rule(fmt::format("{} {}: {}", key, target, tests), clean::parse_qartod(tests));
  if (!own_rules_.emplace(std::pair(key, place), rule).second)
    throw std::invalid_argument(fmt::format("the key has tests for {} already", target));
  check_marks();
}

std::pair<std::size_t, std::size_t> Quality::targets_of(std::size_t group) const {
  return long_ ? std::pair(group, group + 1) : std::pair(std::size_t{0}, targets_.size());
}

Verdict Quality::find(const Cells& cells, bool& found) {
  group_ = 0;
  if (long_) {
    const Value parameter = cells.value(parameter_);
    scratch_.assign(parameter.kind == Kind::string ? parameter.text : std::string_view());
    const auto place = by_parameter_.find(scratch_);
    if (place == by_parameter_.end()) return Verdict::ok();
    group_ = place->second;
  }
  found = true;
  id_ = keys_.find_or_add(key_);
  if (id_ == KeyTable<Key>::full) return GroupKey::refuse_new(settings_.max_keys);
  Key& key = keys_[id_];
  if (key.groups.empty()) key.groups.resize(long_ ? targets_.size() : 1);
  if (!key.groups[group_].begun) renew(key.groups[group_]);
  return Verdict::ok();
}

/// Gives a new group its series, with the tests of its key.
void Quality::renew(Group& group) {
  group.begun = true;
  const auto [first, last] = targets_of(group_);
  group.series.resize(last - first);
  for (std::size_t i = first; i < last; ++i) {
    const auto own = own_rules_.find({std::string(key_), i});
    group.rules.push_back(own != own_rules_.end() ? own->second : targets_[i].rule);
  }
}

bool Quality::follow(Cells& cells, Output& out) {
  Group& group = keys_[id_].groups[group_];
  const auto [first, last] = targets_of(group_);
  flags_.clear();
  late_now_ = group.series.front().is_late(now_);
  bool waits = false;
  for (std::size_t i = first; i < last; ++i) {
    clean::QartodSeries& series = group.series[i - first];
    const clean::QartodRule& rule = rules_[group.rules[i - first]];
    const Value value = cells.value(targets_[i].value);
    const std::optional<double> number = value.number();
    if (late_now_) {
      flags_.push_back(clean::QartodSeries::of_late(rule, number));
      continue;
    }
    flags_.push_back(series.add(rule, now_, number));
    if (group.held) group.held->flags[i - first][static_cast<std::size_t>(QartodTest::spike)] = series.spike_before();
    waits = waits || series.awaits(rule);
  }
  if (late_now_) note_late("left out of the tests in time", out);
  if (group.held && !late_now_) release(group, out);
  set_flags(cells, group, waits);
  return waits;
}

/// The flags of a group's targets in the order of their marks: of each target, then of each of its tests; at last that
/// of all.
template <typename Each>
void Quality::each_flag(const Group& group, const std::vector<Flags>& flags, Each each) const {
  Flag whole = Flag::missing;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const clean::QartodRule& rule = rules_[group.rules[i]];
    const Flag flag = clean::together(rule, flags[i]);
    whole = clean::together(whole, flag);
    each(i, clean::qartod_tests, flag);
    if (settings_.detail == FlagDetail::each_test)
      for (std::size_t test = 0; test < clean::qartod_tests; ++test)
        if (rule.has(static_cast<QartodTest>(test))) each(i, test, flags[i][test]);
  }
  each(flags.size(), clean::qartod_tests, whole);
}

void Quality::set_flags(Cells& cells, const Group& group, bool as_marks) {
  const std::size_t first = targets_of(group_).first;
  std::array<char, 2> marked{mark, first_mark};
  each_flag(group, flags_, [&](std::size_t target, std::size_t test, Flag flag) {
    const CellId cell = target == flags_.size()      ? whole_flag_
                        : test < clean::qartod_tests ? targets_[first + target].test_flags[test]
                                                     : targets_[first + target].flag;
    cells.set_token(cell, as_marks ? std::string_view(marked.data(), marked.size()) : std::string_view(digit_of(flag)));
    ++marked[1];
  });
  if (!as_marks) count(group, flags_);
}

void Quality::hold(std::string_view line, Output& out) {
  Group& group = keys_[id_].groups[group_];
  MarkedLine& held = group.held.emplace();
  held.line = line;
  held.flags = flags_;
  held.time = now_;
  held.number = ++number_;
  ++held_;
  held_bytes_ += sizeof(MarkedLine) + held.line.size();
  keep_room(out);
}

/// Writes a record that has waited.
void Quality::release(Group& group, Output& out) {
  const MarkedLine& held = *group.held;
  scratch_.clear();
  each_flag(group, held.flags, [&](std::size_t, std::size_t, Flag flag) { scratch_ += digit_of(flag); });
  for (std::size_t at = 0; at < held.line.size(); ++at) {
    if (held.line[at] == mark)
      out.lines += scratch_[static_cast<std::size_t>(held.line[++at] - first_mark)];
    else
      out.lines += held.line[at];
  }
  count(group, held.flags);
  --held_;
  held_bytes_ -= sizeof(MarkedLine) + held.line.size();
  group.held.reset();
  pay_watermark(out);
}

void Quality::count(const Group& group, const std::vector<Flags>& flags) {
  Flag whole = Flag::missing;
  for (std::size_t i = 0; i < flags.size(); ++i)
    whole = clean::together(whole, clean::together(rules_[group.rules[i]], flags[i]));
  suspect_ += whole == Flag::suspect ? 1 : 0;
  failed_ += whole == Flag::fail ? 1 : 0;
}

template <typename Which>
void Quality::release_if(Which which, Output& out) {
  std::vector<std::pair<std::uint64_t, Group*>> found;
  keys_.for_each([&](KeyId id) {
    for (Group& group : keys_[id].groups)
      if (group.held && which(group)) found.emplace_back(group.held->number, &group);
  });
  std::sort(found.begin(), found.end());
  for (const auto& [number, group] : found) release(*group, out);
}

void Quality::release_before(Time time, Output& out) {
  release_if(
      [&](const Group& group) {
        return std::all_of(group.rules.begin(), group.rules.end(), [&](std::uint32_t index) {
          const clean::QartodRule& rule = rules_[index];
          return !rule.spike.any() || (rule.gap.fail && saturating_subtract(time, *rule.gap.fail) > group.held->time);
        });
      },
      out);
}

Time Quality::earliest_held() const {
  Time earliest = Time::max();
  keys_.for_each([&](KeyId id) {
    for (const Group& group : keys_[id].groups)
      if (group.held) earliest = std::min(earliest, group.held->time);
  });
  return earliest;
}

void Quality::release_all(Output& out) {
  release_if([](const Group&) { return true; }, out);
}

void Quality::state(StateArchive& archive) {
  std::vector<std::string> saved = texts_;
  archive.value(saved);
  if (saved != texts_)
    throw SnapshotError("the state is that of other tests; start with the same ones, or with a new state folder");
  archive.values(keys_, number_, owed_, late_, suspect_, failed_, without_room_);
  if (!archive.loading()) return;
  keys_.for_each([&](KeyId id) {
    for (const Group& group : keys_[id].groups) {
      if (!group.held) continue;
      ++held_;
      held_bytes_ += sizeof(MarkedLine) + group.held->line.size();
    }
  });
}

void Quality::add_counts(CountReport& report) const {
  report.add(suspect_, "record", "flagged as suspect (3)", Weight::work)
      .add(failed_, "record", "flagged as failed (4)", Weight::work);
}

}  // namespace weir::rec_clean
