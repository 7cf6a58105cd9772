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

/// Adds what rounding to a double took off a long token.
[[gnu::noinline]] void add_rounded_off(SumPart& sum, const Sample& sample) {
  for (const double rest : rounded_off(sample.value->raw, sample.number))
    if (rest != 0) sum.add(rest);
}

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
  usual_parts_.emplace_back();
  return fields_.size() - 1;
}

std::uint32_t CellLayout::part_of(std::size_t field, PartKind kind, std::uint16_t age) {
  for (const Part& part : field_parts_[field])
    if (part.kind == kind && part.age == age) return part.offset;
  const Part part{kind, age, static_cast<std::uint32_t>(size_), static_cast<std::uint32_t>(field)};
  with_type(kind, [this](auto type) { size_ += sizeof(typename decltype(type)::type); });
  field_parts_[field].push_back(part);
  usual_parts_[field].note(part);
  parts_.push_back(part);
  return part.offset;
}

CellLayout::Needs CellLayout::needs_of(Function function) {
  switch (function) {
    case Function::count:
      return {PartKind::count};
    case Function::sum:
    case Function::avg:
      return {PartKind::sum, PartKind::count};
    case Function::min:
      return {PartKind::least};
    case Function::max:
      return {PartKind::greatest};
    case Function::range:
      return {PartKind::greatest, PartKind::least};
    case Function::first:
      return {PartKind::first};
    case Function::last:
      return {PartKind::last};
    case Function::delta:
    case Function::rate:
      return {PartKind::last, PartKind::first};
    case Function::stddev:
    case Function::stddev_pop:
    case Function::var:
    case Function::var_pop:
      return {PartKind::moments};
    case Function::quantile:
      return {PartKind::quantiles};
    case Function::distinct:
      return {PartKind::distinct};
    case Function::twa:
    case Function::integral:
      return {PartKind::step_mean};
    case Function::increase:
      return {PartKind::increase};
  }
  return {PartKind::count};
}

void CellLayout::add_column(const Aggregate& column, std::uint16_t age) {
  Column made{column.function, ",", 0, 0, column.quantile, column.per, column.carry, column.decimals, age};
  carries_ = carries_ || weir::carries(column);
  loads_carried_ = loads_carried_ || weir::carries(column);  // a found column, once the others are loaded
  append_json_string(made.opening, column.name);
  made.opening += ':';
  if (!column.field.empty() || !column.condition.empty()) {
    const std::size_t field = field_index(column);
    fields_[field].numeric = fields_[field].numeric || needs_number(column);
    const Needs needs = needs_of(column.function);
    made.part = part_of(field, needs.part, age);
    if (needs.other) made.other = part_of(field, *needs.other, age);
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
  const bool moves = archive.loading() && loads_;
  if (moves) {
    for (const Part& part : *loads_)
      with_type(part.kind, [&](auto type) {
        typename decltype(type)::type dropped;
        archive.value(part.offset == 0 ? dropped : at<typename decltype(type)::type>(cell, part.offset));
      });
  }
  for (std::size_t i = moves ? loads_until_ : 0; i < parts_.size(); ++i)
    with_type(parts_[i].kind,
              [&](auto type) { archive.value(at<typename decltype(type)::type>(cell, parts_[i].offset)); });
}

const CellLayout::Part* CellLayout::find_part(const Field& field, PartKind kind, std::uint16_t age) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
    const Field& own = fields_[part.field];
    return part.kind == kind && part.age == age && own.path == field.path && own.condition == field.condition &&
           own.found == field.found;
  });
  return found == parts_.end() ? nullptr : &*found;
}

/// The first age, below `ages`, whose parts have all that a column needs; else `ages`.
std::uint16_t CellLayout::age_with_parts_of(const Aggregate& column, std::uint16_t ages) const {
  if (column.field.empty() && column.condition.empty()) return 0;  // the number of records
  const Field field{column.field, column.condition, column.every_field};
  const Needs needs = needs_of(column.function);
  for (std::uint16_t age = 0; age < ages; ++age)
    if (find_part(field, needs.part, age) != nullptr &&
        (!needs.other || find_part(field, *needs.other, age) != nullptr))
      return age;
  return ages;
}

void CellLayout::state_of_columns(StateArchive& archive, std::span<const Aggregate> columns) {
  struct Saved {
    Aggregate column;
    std::uint16_t age = 0;
    void state(StateArchive& to) { to.values(column, age); }
  };
  std::vector<Saved> saved;
  if (archive.saving())
    for (std::size_t i = 0; i < columns.size(); ++i) saved.push_back({columns[i], columns_[i].age});
  archive.value(saved);
  if (archive.saving()) return;
  CellLayout before;
  std::uint16_t ages = 0;
  for (const Saved& each : saved) {
    before.add_column(each.column, each.age);
    ages = std::max(ages, static_cast<std::uint16_t>(each.age + 1));
  }
  *this = CellLayout();
  for (const Aggregate& column : columns) {
    const auto same =
        std::find_if(saved.begin(), saved.end(), [&column](const Saved& each) { return each.column == column; });
    const std::uint16_t age = same != saved.end() ? same->age : before.age_with_parts_of(column, ages);
    if (age == ages) begun_.push_back(column.name);
    add_column(column, age);
  }
  loads_until_ = parts_.size();
  loads_carried_ = before.carries_;
  loads_.emplace();
  for (Part part : before.parts_) {
    const Part* const own = find_part(before.fields_[part.field], part.kind, part.age);
    part.offset = own == nullptr ? 0 : own->offset;  // 0 is the number of records: nothing takes the part
    loads_->push_back(part);
  }
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

/// Parts of one kind and different ages are not usual.
void CellLayout::UsualParts::note(const Part& part) {
  std::uint32_t none = 1;
  std::uint32_t& place = part.kind == PartKind::count      ? count
                         : part.kind == PartKind::sum      ? sum
                         : part.kind == PartKind::least    ? least
                         : part.kind == PartKind::greatest ? greatest
                                                           : none;
  if (place == 0)
    place = part.offset;
  else
    are_all = false;
}

void CellLayout::add(std::byte* cell, Time time, std::span<const Sample> samples) const {
  ++at<CountPart>(cell, 0).count;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    if (sample.value == nullptr) continue;
    if (usual_parts_[i].are_all) {
      add_usual(cell, usual_parts_[i], sample);
      continue;
    }
    for (const Part& part : field_parts_[i]) add_part(cell, part, time, sample);
  }
}

[[gnu::always_inline]] inline void CellLayout::add_usual(std::byte* cell, const UsualParts& parts,
                                                         const Sample& sample) {
  if (parts.count != 0) ++at<CountPart>(cell, parts.count).count;
  if (parts.sum != 0) {
    SumPart& sum = at<SumPart>(cell, parts.sum);
    sum.add(sample.number);
    if (sample.value->raw.size() > digits_of_double) add_rounded_off(sum, sample);
  }
  if (parts.least != 0) at<LeastPart>(cell, parts.least).add(sample.number, sample.value->raw);
  if (parts.greatest != 0) at<GreatestPart>(cell, parts.greatest).add(sample.number, sample.value->raw);
}

void CellLayout::add_part(std::byte* cell, const Part& part, Time time, const Sample& sample) {
  switch (part.kind) {
    case PartKind::count:
    case PartKind::sum:
    case PartKind::least:
    case PartKind::greatest: {
      UsualParts only;
      only.note(part);
      return add_usual(cell, only, sample);
    }
    case PartKind::moments:
      return at<MomentsPart>(cell, part.offset).add(sample.number);
    case PartKind::first:
      return at<FirstPart>(cell, part.offset).add(time, sample.value->raw);
    case PartKind::last:
      return at<LastPart>(cell, part.offset).add(time, sample.value->raw);
    case PartKind::quantiles:
      return at<QuantilesPart>(cell, part.offset).get().add(sample.number);
    case PartKind::distinct:
      return at<DistinctPart>(cell, part.offset).get().add(*sample.value);
    case PartKind::step_mean:
      return at<StepMeanPart>(cell, part.offset).get().add(time, sample.number);
    case PartKind::increase:
      return at<IncreasePart>(cell, part.offset).get().add(time, sample.number, sample.value->raw);
  }
}

}  // namespace weir
