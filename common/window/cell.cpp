#include "window/cell.hpp"

#include <cmath>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

#include "record/decimal.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/tokens.hpp"
#include "window/parts.hpp"

namespace weir {
namespace {

template <typename T>
T& at(std::byte* cell, std::uint32_t offset) {
  return *std::launder(reinterpret_cast<T*>(cell + offset));
}
template <typename T>
const T& at(const std::byte* cell, std::uint32_t offset) {
  return *std::launder(reinterpret_cast<const T*>(cell + offset));
}

expr::Result value_of(const Token& token, std::string& text) {
  const std::string_view raw = token.view();
  if (raw.empty() || raw == "null") return {};
  if (raw == "true" || raw == "false") return expr::Result::of(raw == "true");
  if (raw.front() == '"') {
    if (raw.find('\\') == std::string_view::npos) return expr::Result::of(raw.substr(1, raw.size() - 2));
    text.clear();
    Unescaper().append(raw, text);
    return expr::Result::of(std::string_view(text));
  }
  if (raw.front() == '{' || raw.front() == '[') {
    expr::Result result;
    result.type = expr::Type::other;
    return result;
  }
  const std::optional<double> number = parse_json_number(raw);
  return number ? expr::Result::of(*number, raw) : expr::Result();
}

void append_token(std::string& out, const Token& token) {
  if (token.empty()) {
    out += "null";
  } else {
    out += token.view();
  }
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
  Column made{column.function, ",", 0, 0, column.quantile};
  append_json_string(made.opening, column.name);
  made.opening += ':';
  if (!column.field.empty() || !column.condition.empty()) {
    const std::size_t field = field_index(column);
    fields_[field].numeric = fields_[field].numeric || needs_number(column.function);
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
        made.part = part_of(field, PartKind::step_mean);
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
      }
    }
  }
}

void CellLayout::append_columns(std::string& out, const std::byte* cell, Time until) const {
  for (const Column& column : columns_) {
    out += column.opening;
    switch (column.function) {
      case Function::count:
        append_number(out, at<CountPart>(cell, column.part).count);
        break;
      case Function::min:
        append_token(out, at<LeastPart>(cell, column.part).token);
        break;
      case Function::max:
        append_token(out, at<GreatestPart>(cell, column.part).token);
        break;
      case Function::first:
        append_token(out, at<FirstPart>(cell, column.part).token);
        break;
      case Function::last:
        append_token(out, at<LastPart>(cell, column.part).token);
        break;
      case Function::range:
        append_difference(out, at<GreatestPart>(cell, column.part).token.view(),
                          at<LeastPart>(cell, column.other).token.view());
        break;
      case Function::delta:
        append_difference(out, at<LastPart>(cell, column.part).token.view(),
                          at<FirstPart>(cell, column.other).token.view());
        break;
      case Function::distinct: {
        const auto& held = at<DistinctPart>(cell, column.part).held;
        append_number(out, held ? held->count() : std::uint64_t{0});
        break;
      }
      default:
        append_number(out, number_of(column, cell, until));
    }
  }
}

std::optional<std::size_t> CellLayout::find_column(std::string_view name) const {
  std::string opening = ",";
  append_json_string(opening, name);
  opening += ':';
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].opening == opening) return i;
  return std::nullopt;
}

expr::Result CellLayout::value(std::size_t column, const std::byte* cell, Time until, std::string& text) const {
  const Column& asked = columns_[column];
  switch (asked.function) {
    case Function::count:
      return expr::Result::of(static_cast<double>(at<CountPart>(cell, asked.part).count));
    case Function::distinct: {
      const auto& held = at<DistinctPart>(cell, asked.part).held;
      return expr::Result::of(held ? static_cast<double>(held->count()) : 0.0);
    }
    case Function::min: {
      const auto& least = at<LeastPart>(cell, asked.part);
      return least.token.empty() ? expr::Result() : expr::Result::of(least.value, least.token.view());
    }
    case Function::max: {
      const auto& greatest = at<GreatestPart>(cell, asked.part);
      return greatest.token.empty() ? expr::Result() : expr::Result::of(greatest.value, greatest.token.view());
    }
    case Function::first:
      return value_of(at<FirstPart>(cell, asked.part).token, text);
    case Function::last:
      return value_of(at<LastPart>(cell, asked.part).token, text);
    default:
      return expr::Result::of(number_of(asked, cell, until));
  }
}

/// The columns that are computed in doubles. NaN, for too few values, is written as null.
double CellLayout::number_of(const Column& column, const std::byte* cell, Time until) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  switch (column.function) {
    case Function::sum:
    case Function::avg: {
      const std::uint64_t count = at<CountPart>(cell, column.other).count;
      if (count == 0) return nothing;
      const double sum = at<SumPart>(cell, column.part).value();
      return column.function == Function::sum ? sum : sum / static_cast<double>(count);
    }
    case Function::range: {
      const auto& greatest = at<GreatestPart>(cell, column.part);
      return nearest_difference(greatest.token.view(), at<LeastPart>(cell, column.other).token.view());
    }
    case Function::delta:
    case Function::rate: {
      const auto& last = at<LastPart>(cell, column.part);
      const auto& first = at<FirstPart>(cell, column.other);
      const double delta = nearest_difference(last.token.view(), first.token.view());
      if (column.function == Function::delta) return delta;
      const double seconds = static_cast<double>((last.time - first.time).count()) * 1e-9;
      return seconds > 0 ? delta / seconds : nothing;
    }
    case Function::stddev:
    case Function::var:
    case Function::stddev_pop:
    case Function::var_pop: {
      const auto& moments = at<MomentsPart>(cell, column.part);
      const std::uint64_t less = column.function == Function::stddev || column.function == Function::var ? 1 : 0;
      if (moments.count <= less) return nothing;
      const bool root = column.function == Function::stddev || column.function == Function::stddev_pop;
      return root ? std::sqrt(moments.variance(less)) : moments.variance(less);
    }
    case Function::quantile: {
      const auto& held = at<QuantilesPart>(cell, column.part).held;
      return held ? held->at(column.quantile) : nothing;
    }
    case Function::twa: {
      const auto& held = at<StepMeanPart>(cell, column.part).held;
      return held ? held->until(until) : nothing;
    }
    default:
      return nothing;  // the others keep tokens or counts
  }
}

}  // namespace weir
