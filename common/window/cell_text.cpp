#include "window/cell_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "window/parts.hpp"

namespace weir {
namespace {

/// The most numbers of a sum, and of any other list: all bins of doubles.
constexpr std::size_t longest_sum = 80;
constexpr std::size_t longest_list = 200'000;
/// What a sum beyond a double's range counts beside its doubles.
constexpr double unit_beyond = 0x1p1023;
/// The character of a register that is 0; no later one is a quote or a backslash.
constexpr char register_zero = '#';

void append_list(std::string& out, const std::vector<double>& numbers) {
  out += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) out += ',';
    append_number(out, numbers[i]);
  }
  out += ']';
}

void append_sum_parts(std::string& out, const SumParts& parts) {
  const std::vector<double>& doubles = parts.doubles;
  if (parts.beyond != 0) {
    out += '[';
    append_list(out, {unit_beyond, parts.beyond});
    for (const double each : doubles) append_number(out += ',', each);
    out += ']';
  } else if (doubles.size() > 1) {
    append_list(out, doubles);
  } else {
    append_number(out, doubles.empty() ? 0.0 : doubles[0]);
  }
}

void append_moments(std::string& out, const MomentsPart& part) {
  out += '[';
  append_number(out, part.count);
  out += ',';
  append_sum_parts(out, part.sum.parts());
  out += ',';
  append_sum_parts(out, part.squares.parts());
  out += ']';
}

template <int Sign>
void append_edge(std::string& out, const EdgePart<Sign>& part) {
  if (part.token.empty()) {
    out += "null";
    return;
  }
  out += "[\"";
  append_time(out, part.time);
  out += "\",";
  out += part.token.view();
  out += ']';
}

void append_quantiles(std::string& out, const QuantilesPart& part) {
  const Quantiles::Sketch sketch = part.held ? part.held->sketch() : Quantiles::Sketch{};
  if (sketch.count == 0) return append_list(out, sketch.values);
  out += '[';
  append_list(out, {sketch.count, sketch.zeros, sketch.least, sketch.greatest});
  out += ',';
  append_list(out, sketch.positive);
  out += ',';
  append_list(out, sketch.negative);
  out += ']';
}

void append_distinct(std::string& out, const DistinctPart& part) {
  if (!part.held) {
    out += "[]";
  } else if (part.held->registers().empty()) {
    out += '[';
    for (const std::uint64_t hash : part.held->hashes())
      fmt::format_to(std::back_inserter(out), "{}\"{:x}\"", out.back() == '[' ? "" : ",", hash);
    out += ']';
  } else {
    out += '"';
    for (const std::uint8_t value : part.held->registers()) out += static_cast<char>(register_zero + value);
    out += '"';
  }
}

std::optional<std::uint64_t> count_of(const Value& value) {
  const auto number = value.number();
  if (!number || std::trunc(*number) != *number || *number < 0 || *number >= 0x1p53) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

/// The value of an element that is a number, a list of numbers or null; any other is a string.
Value sum_value(std::string_view raw) {
  const bool list = !raw.empty() && raw.front() == '[';
  const Kind other = raw == "null" ? Kind::null : is_json_number(raw) ? Kind::number : Kind::string;
  return {list ? Kind::array : other, raw, raw};
}

}  // namespace

CellText::CellText(const CellLayout& layout) : layout_(layout), names_{"count()"}, parser_(no_fields_) {
  using PartKind = CellLayout::PartKind;
  for (const CellLayout::Part& part : layout.parts_) {
    const auto word = [&]() -> std::string_view {
      switch (part.kind) {
        case PartKind::count:
          return "count";
        case PartKind::sum:
          return "sum";
        case PartKind::moments:
          return "moments";
        case PartKind::least:
          return "min";
        case PartKind::greatest:
          return "max";
        case PartKind::first:
          return "first";
        case PartKind::last:
          return "last";
        case PartKind::quantiles:
          return "quantiles";
        case PartKind::distinct:
          return "distinct";
        case PartKind::step_mean:
        case PartKind::increase:
          break;
      }
      throw std::invalid_argument("twa, integral and increase need all records of a key in one place: not in partials");
    }();
    const CellLayout::Field& field = layout.fields_[part.field];
    names_.push_back(
        fmt::format("{}({}){}{}", word, field.path, field.condition.empty() ? "" : " if ", field.condition));
  }
  for (const std::string& name : names_) {
    std::string opening = ",";
    append_json_string(opening, name);
    openings_.push_back(opening + ':');
  }
}

void CellText::append(std::string& out, const std::byte* cell) const {
  using PartKind = CellLayout::PartKind;
  out += openings_[0];
  append_number(out, CellLayout::records(cell));
  for (std::size_t i = 0; i < layout_.parts_.size(); ++i) {
    const CellLayout::Part& part = layout_.parts_[i];
    out += openings_[i + 1];
    switch (part.kind) {
      case PartKind::count:
        append_number(out, at<CountPart>(cell, part.offset).count);
        break;
      case PartKind::sum:
        append_sum_parts(out, at<SumPart>(cell, part.offset).parts());
        break;
      case PartKind::moments:
        append_moments(out, at<MomentsPart>(cell, part.offset));
        break;
      case PartKind::least:
        at<LeastPart>(cell, part.offset).token.append_to(out);
        break;
      case PartKind::greatest:
        at<GreatestPart>(cell, part.offset).token.append_to(out);
        break;
      case PartKind::first:
        append_edge(out, at<FirstPart>(cell, part.offset));
        break;
      case PartKind::last:
        append_edge(out, at<LastPart>(cell, part.offset));
        break;
      case PartKind::quantiles:
        append_quantiles(out, at<QuantilesPart>(cell, part.offset));
        break;
      case PartKind::distinct:
        append_distinct(out, at<DistinctPart>(cell, part.offset));
        break;
      case PartKind::step_mean:
      case PartKind::increase:
        break;  // refused in the constructor
    }
  }
}

std::string CellText::read(std::span<const Value> values, std::byte* cell) {
  const auto records = count_of(values[0]);
  if (!records || *records == 0) return names_[0] + " is not the number of its records";
  at<CountPart>(cell, 0).count = *records;
  for (std::size_t i = 1; i < names_.size(); ++i) {
    if (values[i].kind == Kind::missing)
      return "it has no " + names_[i] + "; --partial and --merge take the same --agg";
    if (!read_part(i - 1, values[i], cell)) return names_[i] + " is not what --partial writes";
  }
  return contradiction(cell);
}

bool CellText::read_part(std::size_t index, const Value& value, std::byte* cell) {
  using PartKind = CellLayout::PartKind;
  const CellLayout::Part& part = layout_.parts_[index];
  const auto extreme = [&](auto& to) {
    if (value.kind == Kind::null) return true;
    const auto number = is_json_number(value.raw) ? value.number() : std::nullopt;
    if (number) to.add(*number, value.raw);
    return number.has_value();
  };
  const auto edge = [&](auto& to) {
    if (value.kind == Kind::null) return true;
    if (value.kind != Kind::array || !read_elements(value.raw, 2)) return false;
    const std::string& text = elements_[0];
    if (text.size() < 2 || text.front() != '"') return false;
    const auto time = times_.parse(std::string_view(text).substr(1, text.size() - 2));
    if (time) to.add(*time, elements_[1]);
    return time.has_value();
  };
  switch (part.kind) {
    case PartKind::count: {
      const auto count = count_of(value);
      if (count) at<CountPart>(cell, part.offset).count = *count;
      return count.has_value();
    }
    case PartKind::sum:
      return read_sum(value, at<SumPart>(cell, part.offset));
    case PartKind::moments: {
      if (value.kind != Kind::array || !read_elements(value.raw, 3)) return false;
      MomentsPart& moments = at<MomentsPart>(cell, part.offset);
      const auto count = count_of(sum_value(elements_[0]));
      if (!count) return false;
      moments.count = *count;
      return read_sum(sum_value(elements_[1]), moments.sum) && read_sum(sum_value(elements_[2]), moments.squares);
    }
    case PartKind::least:
      return extreme(at<LeastPart>(cell, part.offset));
    case PartKind::greatest:
      return extreme(at<GreatestPart>(cell, part.offset));
    case PartKind::first:
      return edge(at<FirstPart>(cell, part.offset));
    case PartKind::last:
      return edge(at<LastPart>(cell, part.offset));
    case PartKind::quantiles:
      return value.kind == Kind::array && read_quantiles(value, at<QuantilesPart>(cell, part.offset).get());
    case PartKind::distinct:
      return read_distinct(value, at<DistinctPart>(cell, part.offset).get());
    case PartKind::step_mean:
    case PartKind::increase:
      break;
  }
  return false;
}

/// Reads a number, or a list of them. The first of a list may be [2^1023, how often it counts].
template <std::size_t Size>
bool CellText::read_sum(const Value& value, ExactSum<Size>& sum) {
  if (value.kind == Kind::null) {  // a square was beyond the range of a double
    sum.add(HUGE_VAL);
    return true;
  }
  if (const auto number = value.number()) {
    sum.add(*number);
    return true;
  }
  if (value.kind != Kind::array) return false;
  std::size_t count = 0;
  bool all = true;
  std::string beyond;
  const bool read = parser_.each_element(value.raw, [&](const Value& each) {
    if (count == 0 && each.kind == Kind::array) {
      beyond = each.raw;
    } else {
      const auto number = each.number();
      all = number && count < longest_sum;
      if (all) sum.add(*number);
    }
    ++count;
    return all;
  });
  if (!read || !all) return false;
  if (beyond.empty()) return true;
  std::vector<double> pair;
  if (!read_numbers(beyond, pair) || pair.size() != 2 || pair[0] != unit_beyond) return false;
  const double times = pair[1];
  if (std::trunc(times) != times || std::abs(times) >= 0x1p53) return false;
  sum.add_beyond(times);
  return true;
}

bool CellText::read_numbers(std::string_view array, std::vector<double>& numbers) {
  bool all = true;
  const bool read = parser_.each_element(array, [&](const Value& each) {
    const auto number = each.number();
    all = number.has_value() && numbers.size() < longest_list;
    if (all) numbers.push_back(*number);
    return all;
  });
  return read && all;
}

/// Copies the elements' text.
bool CellText::read_elements(std::string_view array, std::size_t count) {
  elements_.clear();
  const bool read = parser_.each_element(array, [&](const Value& each) {
    elements_.emplace_back(each.raw);
    return elements_.size() <= count;
  });
  return read && elements_.size() == count;
}

bool CellText::read_quantiles(const Value& value, Quantiles& to) {
  Quantiles::Sketch sketch;
  if (value.raw.find('[', 1) == std::string_view::npos)
    return read_numbers(value.raw, sketch.values) && to.merge(sketch);
  if (!read_elements(value.raw, 3)) return false;
  const std::vector<std::string> lists = elements_;
  std::vector<double> head;
  if (!read_numbers(lists[0], head) || head.size() != 4 || head[0] <= 0) return false;
  sketch.count = head[0];
  sketch.zeros = head[1];
  sketch.least = head[2];
  sketch.greatest = head[3];
  return read_numbers(lists[1], sketch.positive) && read_numbers(lists[2], sketch.negative) && to.merge(sketch);
}

bool CellText::read_distinct(const Value& value, Distinct& to) {
  if (value.kind == Kind::string) {
    std::vector<std::uint8_t> registers;
    for (const char c : value.text) registers.push_back(static_cast<std::uint8_t>(c - register_zero));
    return to.merge_registers(registers);
  }
  if (value.kind != Kind::array) return false;
  std::size_t count = 0;
  bool all = true;
  const bool read = parser_.each_element(value.raw, [&](const Value& each) {
    std::uint64_t hash = 0;
    const char* const end = each.text.data() + each.text.size();
    const auto number = std::from_chars(each.text.data(), end, hash, 16);
    all = each.kind == Kind::string && number.ec == std::errc() && number.ptr == end && hash != 0 &&
          ++count <= exact_limit;
    if (all) to.add_hash(hash);
    return all;
  });
  return read && all;
}

}  // namespace weir
