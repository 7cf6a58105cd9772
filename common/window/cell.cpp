#include "window/cell.hpp"

#include <cmath>
#include <limits>
#include <new>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/token_order.hpp"
#include "window/token.hpp"

namespace weir {
namespace {

using CountPart = std::uint64_t;

struct SumPart {
  double sum = 0;
  double lost = 0;  ///< what rounding took from the sum

  void add(double x) {
    const double next = sum + x;
    lost += std::abs(sum) >= std::abs(x) ? (sum - next) + x : (x - next) + sum;
    sum = next;
  }
  double value() const { return sum + lost; }
};

struct MomentsPart {
  std::uint64_t count = 0;
  double mean = 0;
  double squares = 0;  ///< of the distances from the mean

  void add(double x) {
    ++count;
    const double before = x - mean;
    mean += before / static_cast<double>(count);
    squares += before * (x - mean);
  }
};

struct ExtremePart {
  double value = 0;
  Token token;
};

struct EdgePart {
  Time time{};
  Token token;
};

template <typename T>
T& at(std::byte* cell, std::uint32_t offset) {
  return *std::launder(reinterpret_cast<T*>(cell + offset));
}
template <typename T>
const T& at(const std::byte* cell, std::uint32_t offset) {
  return *std::launder(reinterpret_cast<const T*>(cell + offset));
}

/// `sign` is 1 to keep the greatest and -1 to keep the least.
void keep_extreme(ExtremePart& part, const Sample& sample, int sign) {
  if (!part.token.empty()) {
    const bool worse = sign > 0 ? sample.number < part.value : sample.number > part.value;
    if (worse) return;
    if (sample.number == part.value) {
      const std::string_view held = part.token.view();
      if (held == sample.value->raw || sign * compare_number_tokens(sample.value->raw, held) <= 0) return;
    }
  }
  part.value = sample.number;
  part.token.assign(sample.value->raw);
}

/// `sign` is 1 to keep the latest and -1 to keep the earliest.
void keep_edge(EdgePart& part, Time time, const Value& value, int sign) {
  if (!part.token.empty()) {
    const bool worse = sign > 0 ? time < part.time : time > part.time;
    if (worse || (time == part.time && sign * compare_tokens(value.raw, part.token.view()) <= 0)) return;
  }
  part.time = time;
  part.token.assign(value.raw);
}

void append_token(std::string& out, const Token& token) {
  if (token.empty()) {
    out += "null";
  } else {
    out += token.view();
  }
}

}  // namespace

CellLayout::CellLayout(std::span<const Aggregate> columns) {
  for (const Aggregate& column : columns) add_column(column);
}

std::size_t CellLayout::field_index(const Aggregate& column) {
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].path == column.field) return i;
  fields_.push_back({column.field, false});
  field_parts_.emplace_back();
  return fields_.size() - 1;
}

std::uint32_t CellLayout::part_of(std::size_t field, PartKind kind) {
  for (const Part& part : field_parts_[field])
    if (part.kind == kind) return part.offset;
  const Part part{kind, static_cast<std::uint32_t>(size_)};
  switch (kind) {
    case PartKind::count:
      size_ += sizeof(CountPart);
      break;
    case PartKind::sum:
      size_ += sizeof(SumPart);
      break;
    case PartKind::moments:
      size_ += sizeof(MomentsPart);
      break;
    case PartKind::least:
    case PartKind::greatest:
      size_ += sizeof(ExtremePart);
      break;
    case PartKind::first:
    case PartKind::last:
      size_ += sizeof(EdgePart);
      break;
  }
  field_parts_[field].push_back(part);
  parts_.push_back(part);
  return part.offset;
}

void CellLayout::add_column(const Aggregate& column) {
  Column made{column.function, ",", 0, 0};
  append_json_string(made.opening, column.name);
  made.opening += ':';
  if (!column.field.empty()) {
    const std::size_t field = field_index(column);
    fields_[field].numeric = fields_[field].numeric || needs_number(column.function);
    switch (column.function) {
      case Function::count:
        made.part = part_of(field, PartKind::count);
        break;
      case Function::sum:
      case Function::avg:
        made.part = part_of(field, PartKind::sum);
        made.count = part_of(field, PartKind::count);
        break;
      case Function::min:
        made.part = part_of(field, PartKind::least);
        break;
      case Function::max:
        made.part = part_of(field, PartKind::greatest);
        break;
      case Function::first:
        made.part = part_of(field, PartKind::first);
        break;
      case Function::last:
        made.part = part_of(field, PartKind::last);
        break;
      case Function::stddev:
        made.part = part_of(field, PartKind::moments);
        break;
    }
  }
  columns_.push_back(std::move(made));
}

void CellLayout::create(std::byte* cell) const {
  new (cell) CountPart(0);
  create_parts(cell, 0);
}

void CellLayout::create_parts(std::byte* cell, std::size_t first_part) const {
  for (std::size_t i = first_part; i < parts_.size(); ++i) {
    std::byte* const place = cell + parts_[i].offset;
    switch (parts_[i].kind) {
      case PartKind::count:
        new (place) CountPart(0);
        break;
      case PartKind::sum:
        new (place) SumPart;
        break;
      case PartKind::moments:
        new (place) MomentsPart;
        break;
      case PartKind::least:
      case PartKind::greatest:
        new (place) ExtremePart;
        break;
      case PartKind::first:
      case PartKind::last:
        new (place) EdgePart;
        break;
    }
  }
}

void CellLayout::destroy(std::byte* cell) const {
  for (const Part& part : parts_) {
    switch (part.kind) {
      case PartKind::least:
      case PartKind::greatest:
        at<ExtremePart>(cell, part.offset).~ExtremePart();
        break;
      case PartKind::first:
      case PartKind::last:
        at<EdgePart>(cell, part.offset).~EdgePart();
        break;
      default:
        break;  // numbers alone
    }
  }
}

void CellLayout::relocate(std::byte* from, std::size_t old_parts, std::byte* to) const {
  new (to) CountPart(at<CountPart>(from, 0));
  for (std::size_t i = 0; i < old_parts; ++i) {
    const std::uint32_t offset = parts_[i].offset;
    switch (parts_[i].kind) {
      case PartKind::count:
        new (to + offset) CountPart(at<CountPart>(from, offset));
        break;
      case PartKind::sum:
        new (to + offset) SumPart(at<SumPart>(from, offset));
        break;
      case PartKind::moments:
        new (to + offset) MomentsPart(at<MomentsPart>(from, offset));
        break;
      case PartKind::least:
      case PartKind::greatest: {
        ExtremePart& part = at<ExtremePart>(from, offset);
        new (to + offset) ExtremePart{part.value, std::move(part.token)};
        part.~ExtremePart();
        break;
      }
      case PartKind::first:
      case PartKind::last: {
        EdgePart& part = at<EdgePart>(from, offset);
        new (to + offset) EdgePart{part.time, std::move(part.token)};
        part.~EdgePart();
        break;
      }
    }
  }
  create_parts(to, old_parts);
}

void CellLayout::add(std::byte* cell, Time time, std::span<const Sample> samples) const {
  ++at<CountPart>(cell, 0);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    if (sample.value == nullptr) continue;
    for (const Part& part : field_parts_[i]) {
      switch (part.kind) {
        case PartKind::count:
          ++at<CountPart>(cell, part.offset);
          break;
        case PartKind::sum:
          at<SumPart>(cell, part.offset).add(sample.number);
          break;
        case PartKind::moments:
          at<MomentsPart>(cell, part.offset).add(sample.number);
          break;
        case PartKind::least:
          keep_extreme(at<ExtremePart>(cell, part.offset), sample, -1);
          break;
        case PartKind::greatest:
          keep_extreme(at<ExtremePart>(cell, part.offset), sample, 1);
          break;
        case PartKind::first:
          keep_edge(at<EdgePart>(cell, part.offset), time, *sample.value, -1);
          break;
        case PartKind::last:
          keep_edge(at<EdgePart>(cell, part.offset), time, *sample.value, 1);
          break;
      }
    }
  }
}

void CellLayout::append_columns(std::string& out, const std::byte* cell) const {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();  // written as null
  for (const Column& column : columns_) {
    out += column.opening;
    switch (column.function) {
      case Function::count:
        append_number(out, at<CountPart>(cell, column.part));
        break;
      case Function::sum:
        append_number(out, at<CountPart>(cell, column.count) == 0 ? nothing : at<SumPart>(cell, column.part).value());
        break;
      case Function::avg: {
        const CountPart count = at<CountPart>(cell, column.count);
        append_number(out, count == 0 ? nothing : at<SumPart>(cell, column.part).value() / static_cast<double>(count));
        break;
      }
      case Function::min:
      case Function::max:
        append_token(out, at<ExtremePart>(cell, column.part).token);
        break;
      case Function::first:
      case Function::last:
        append_token(out, at<EdgePart>(cell, column.part).token);
        break;
      case Function::stddev: {
        const MomentsPart& part = at<MomentsPart>(cell, column.part);
        append_number(out, part.count < 2 ? nothing : std::sqrt(part.squares / static_cast<double>(part.count - 1)));
        break;
      }
    }
  }
}

}  // namespace weir
