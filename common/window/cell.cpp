#include "window/cell.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "record/decimal.hpp"
#include "record/json_text.hpp"
#include "window/parts.hpp"

namespace weir {
namespace {

/// A double holds all numbers of so many digits.
constexpr std::size_t digits_of_double = 15;

}  // namespace

/// Calls call(Type{}) with the type of a part, wrapped.
template <typename Call>
void CellLayout::with_type(PartKind kind, Call call) {
  switch (kind) {
    case PartKind::count:
      return call(std::type_identity<CountPart>{});
    case PartKind::sum:
      return call(std::type_identity<SumPart>{});
    case PartKind::moments:
      return call(std::type_identity<MomentsPart>{});
    case PartKind::least:
      return call(std::type_identity<LeastPart>{});
    case PartKind::greatest:
      return call(std::type_identity<GreatestPart>{});
    case PartKind::first:
      return call(std::type_identity<FirstPart>{});
    case PartKind::last:
      return call(std::type_identity<LastPart>{});
    case PartKind::quantiles:
      return call(std::type_identity<QuantilesPart>{});
    case PartKind::distinct:
      return call(std::type_identity<DistinctPart>{});
    case PartKind::step_mean:
      return call(std::type_identity<StepMeanPart>{});
    case PartKind::increase:
      return call(std::type_identity<IncreasePart>{});
  }
}

CellLayout::CellLayout(std::span<const Aggregate> columns) {
  for (const Aggregate& column : columns) add_column(column);
}

std::size_t CellLayout::field_index(const Aggregate& column) {
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].path == column.field && fields_[i].condition == column.condition &&
        fields_[i].found == column.every_field)
      return i;
  fields_.push_back({column.field, column.condition, column.every_field, false});
  field_parts_.emplace_back();
  return fields_.size() - 1;
}

std::uint32_t CellLayout::part_of(std::size_t field, PartKind kind) {
  for (const Part& part : field_parts_[field])
    if (part.kind == kind) return part.offset;
  const Part part{kind, static_cast<std::uint32_t>(size_)};
  with_type(kind, [this](auto type) { size_ += sizeof(typename decltype(type)::type); });
  field_parts_[field].push_back(part);
  parts_.push_back(part);
  return part.offset;
}

void CellLayout::add_column(const Aggregate& column) {
  Column made{column.function, ",", 0, 0, column.quantile, column.per, column.carry, column.decimals};
  carries_ = carries_ || weir::carries(column);
  append_json_string(made.opening, column.name);
  made.opening += ':';
  if (!column.field.empty() || !column.condition.empty()) {
    const std::size_t field = field_index(column);
    fields_[field].numeric = fields_[field].numeric || needs_number(column);
    switch (column.function) {
      case Function::count:
        made.part = part_of(field, PartKind::count);
        break;
      case Function::sum:
      case Function::avg:
        made.part = part_of(field, PartKind::sum);
        made.other = part_of(field, PartKind::count);
        break;
      case Function::min:
        made.part = part_of(field, PartKind::least);
        break;
      case Function::max:
        made.part = part_of(field, PartKind::greatest);
        break;
      case Function::range:
        made.part = part_of(field, PartKind::greatest);
        made.other = part_of(field, PartKind::least);
        break;
      case Function::first:
        made.part = part_of(field, PartKind::first);
        break;
      case Function::last:
        made.part = part_of(field, PartKind::last);
        break;
      case Function::delta:
      case Function::rate:
        made.part = part_of(field, PartKind::last);
        made.other = part_of(field, PartKind::first);
        break;
      case Function::stddev:
      case Function::stddev_pop:
      case Function::var:
      case Function::var_pop:
        made.part = part_of(field, PartKind::moments);
        break;
      case Function::quantile:
        made.part = part_of(field, PartKind::quantiles);
        break;
      case Function::distinct:
        made.part = part_of(field, PartKind::distinct);
        break;
      case Function::twa:
      case Function::integral:
        made.part = part_of(field, PartKind::step_mean);
        break;
      case Function::increase:
        made.part = part_of(field, PartKind::increase);
        break;
    }
  }
  columns_.push_back(std::move(made));
}

void CellLayout::create(std::byte* cell) const {
  new (cell) CountPart;
  create_parts(cell, 0);
}

void CellLayout::create_parts(std::byte* cell, std::size_t first_part) const {
  for (std::size_t i = first_part; i < parts_.size(); ++i)
    with_type(parts_[i].kind, [place = cell + parts_[i].offset](auto type) {
      using Type = typename decltype(type)::type;
      new (place) Type;
    });
}

void CellLayout::destroy(std::byte* cell) const {
  for (const Part& part : parts_)
    with_type(part.kind,
              [cell, &part](auto type) { std::destroy_at(&at<typename decltype(type)::type>(cell, part.offset)); });
}

void CellLayout::relocate(std::byte* from, std::size_t old_parts, std::byte* to) const {
  new (to) CountPart(at<CountPart>(from, 0));
  for (std::size_t i = 0; i < old_parts; ++i)
    with_type(parts_[i].kind, [from, to, offset = parts_[i].offset](auto type) {
      using Type = typename decltype(type)::type;
      Type& part = at<Type>(from, offset);
      new (to + offset) Type(std::move(part));
      std::destroy_at(&part);
    });
  create_parts(to, old_parts);
}

void CellLayout::merge(std::byte* into, const std::byte* from) const {
  at<CountPart>(into, 0).merge(at<CountPart>(from, 0));
  for (const Part& part : parts_)
    with_type(part.kind, [into, from, &part](auto type) {
      using Type = typename decltype(type)::type;
      at<Type>(into, part.offset).merge(at<Type>(from, part.offset));
    });
}

void CellLayout::state(StateArchive& archive, std::byte* cell) const {
  archive.value(at<CountPart>(cell, 0));
  for (const Part& part : parts_)
    with_type(part.kind, [&](auto type) { archive.value(at<typename decltype(type)::type>(cell, part.offset)); });
}

void CellLayout::carry(std::byte* before, const std::byte* cell) const {
  for (const Part& part : parts_) {
    if (part.kind == PartKind::step_mean) {
      if (const auto& held = at<StepMeanPart>(cell, part.offset).held)
        at<StepMeanPart>(before, part.offset).get().take_last(*held);
    } else if (part.kind == PartKind::increase) {
      if (const auto& held = at<IncreasePart>(cell, part.offset).held)
        at<IncreasePart>(before, part.offset).get().take_last(*held);
    }
  }
}

bool CellLayout::carries_all(const std::byte* cell) const {
  return std::none_of(parts_.begin(), parts_.end(), [cell](const Part& part) {
    if (part.kind == PartKind::step_mean) return at<StepMeanPart>(cell, part.offset).held == nullptr;
    return part.kind == PartKind::increase && at<IncreasePart>(cell, part.offset).held == nullptr;
  });
}

std::uint64_t CellLayout::records(const std::byte* cell) { return at<CountPart>(cell, 0).count; }

void CellLayout::add(std::byte* cell, Time time, std::span<const Sample> samples) const {
  ++at<CountPart>(cell, 0).count;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    if (sample.value == nullptr) continue;
    for (const Part& part : field_parts_[i]) {
      switch (part.kind) {
        case PartKind::count:
          ++at<CountPart>(cell, part.offset).count;
          break;
        case PartKind::sum:
          at<SumPart>(cell, part.offset).add(sample.number);
          if (sample.value->raw.size() > digits_of_double)
            at<SumPart>(cell, part.offset).lost += rounded_off(sample.value->raw, sample.number);
          break;
        case PartKind::moments:
          at<MomentsPart>(cell, part.offset).add(sample.number);
          break;
        case PartKind::least:
          at<LeastPart>(cell, part.offset).add(sample.number, sample.value->raw);
          break;
        case PartKind::greatest:
          at<GreatestPart>(cell, part.offset).add(sample.number, sample.value->raw);
          break;
        case PartKind::first:
          at<FirstPart>(cell, part.offset).add(time, sample.value->raw);
          break;
        case PartKind::last:
          at<LastPart>(cell, part.offset).add(time, sample.value->raw);
          break;
        case PartKind::quantiles:
          at<QuantilesPart>(cell, part.offset).get().add(sample.number);
          break;
        case PartKind::distinct:
          at<DistinctPart>(cell, part.offset).get().add(*sample.value);
          break;
        case PartKind::step_mean:
          at<StepMeanPart>(cell, part.offset).get().add(time, sample.number);
          break;
        case PartKind::increase:
          at<IncreasePart>(cell, part.offset).get().add(time, sample.number, sample.value->raw);
          break;
      }
    }
  }
}

}  // namespace weir
