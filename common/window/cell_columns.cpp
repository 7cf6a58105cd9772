#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/decimal.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/tokens.hpp"
#include "window/cell.hpp"
#include "window/parts.hpp"

namespace weir {
namespace {

expr::Result value_of_token(const Token& token, std::string& text) {
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

template <int Sign>
expr::Result value_of_extreme(const ExtremePart<Sign>& part, std::string& text) {
  if (part.token.empty()) return {};
  NumberToken::Buffer buffer;
  text = part.token.view(buffer);
  return expr::Result::of(part.value, text);
}

/// The tokens of two extremes.
struct Extremes {
  Extremes(const std::byte* cell, std::uint32_t greatest_part, std::uint32_t least_part)
      : greatest(at<GreatestPart>(cell, greatest_part).token.view(buffers[0])),
        least(at<LeastPart>(cell, least_part).token.view(buffers[1])) {}
  std::array<NumberToken::Buffer, 2> buffers;
  std::string_view greatest;
  std::string_view least;
};

/// Rounds the number that `out` has from `begin` on; null and other values stay.
void round_from(std::string& out, std::size_t begin, int decimals) {
  static thread_local std::string number;
  number.assign(out, begin);
  if (!is_json_number(number)) return;
  out.resize(begin);
  append_rounded(out, number, decimals);
}

void append_sum_of(std::string& out, const SumPart& sum) {
  const auto [parts, beyond] = sum.parts();
  if (beyond != 0) return append_number(out, std::numeric_limits<double>::infinity());
  append_sum(out, parts);
}

const StepMean no_values;

/// The value that held when the window began.
std::optional<StepMean::Before> value_before(std::uint32_t part, const Extent& extent) {
  if (extent.before == nullptr) return std::nullopt;
  const auto& held = at<StepMeanPart>(extent.before, part).held;
  const auto value = held ? held->last() : std::nullopt;
  return value ? std::optional(StepMean::Before{extent.from, *value}) : std::nullopt;
}

const Increase* increase_before(std::uint32_t part, const Extent& extent) {
  return extent.before != nullptr ? at<IncreasePart>(extent.before, part).held.get() : nullptr;
}

}  // namespace

void CellLayout::append_columns(std::string& out, const std::byte* cell, const Extent& extent) const {
  for (const Column& column : columns_) {
    out += column.opening;
    const std::size_t begin = out.size();
    append_column(out, column, cell, extent);
    if (column.decimals) round_from(out, begin, *column.decimals);
  }
}

[[gnu::always_inline]] inline void CellLayout::append_column(std::string& out, const Column& column,
                                                             const std::byte* cell, const Extent& extent) {
  switch (column.function) {
    case Function::count:
      append_number(out, at<CountPart>(cell, column.part).count);
      break;
    case Function::min:
      at<LeastPart>(cell, column.part).token.append_to(out);
      break;
    case Function::max:
      at<GreatestPart>(cell, column.part).token.append_to(out);
      break;
    case Function::first:
      append_token(out, at<FirstPart>(cell, column.part).token);
      break;
    case Function::last:
      append_token(out, at<LastPart>(cell, column.part).token);
      break;
    case Function::range: {
      const Extremes of(cell, column.part, column.other);
      append_difference(out, of.greatest, of.least);
      break;
    }
    case Function::delta:
      append_difference(out, at<LastPart>(cell, column.part).token.view(),
                        at<FirstPart>(cell, column.other).token.view());
      break;
    case Function::distinct: {
      const auto& held = at<DistinctPart>(cell, column.part).held;
      append_number(out, held ? held->count() : std::uint64_t{0});
      break;
    }
    case Function::sum: {
      const SumPart& sum = at<SumPart>(cell, column.part);
      if (at<CountPart>(cell, column.other).count == 0)
        out += "null";
      else
        append_sum_of(out, sum);
      break;
    }
    case Function::increase: {
      const auto& held = at<IncreasePart>(cell, column.part).held;
      if (held)
        held->since(increase_before(column.part, extent)).append_to(out);
      else
        out += "null";
      break;
    }
    default:
      append_number(out, number_of(column, cell, extent));
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

expr::Result CellLayout::value(std::size_t column, const std::byte* cell, const Extent& extent,
                               std::string& text) const {
  const Column& asked = columns_[column];
  expr::Result result = value_of(asked, cell, extent, text);
  if (asked.decimals && result.type == expr::Type::number)
    result = expr::Result::of(round_decimals(result.number, *asked.decimals));
  return result;
}

expr::Result CellLayout::value_of(const Column& asked, const std::byte* cell, const Extent& extent, std::string& text) {
  switch (asked.function) {
    case Function::count:
      return expr::Result::of(static_cast<double>(at<CountPart>(cell, asked.part).count));
    case Function::distinct: {
      const auto& held = at<DistinctPart>(cell, asked.part).held;
      return expr::Result::of(held ? static_cast<double>(held->count()) : 0.0);
    }
    case Function::min:
      return value_of_extreme(at<LeastPart>(cell, asked.part), text);
    case Function::max:
      return value_of_extreme(at<GreatestPart>(cell, asked.part), text);
    case Function::first:
      return value_of_token(at<FirstPart>(cell, asked.part).token, text);
    case Function::last:
      return value_of_token(at<LastPart>(cell, asked.part).token, text);
    default:
      return expr::Result::of(number_of(asked, cell, extent));
  }
}

/// The columns that are computed in doubles. NaN, for too few values, is written as null.
double CellLayout::number_of(const Column& column, const std::byte* cell, const Extent& extent) {
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
      const Extremes of(cell, column.part, column.other);
      return nearest_difference(of.greatest, of.least);
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
    case Function::twa:
    case Function::integral: {
      const auto& held = at<StepMeanPart>(cell, column.part).held;
      const StepMean& values = held ? *held : no_values;
      const bool mean = column.function == Function::twa;
      const auto before = mean && !column.carry ? std::nullopt : value_before(column.part, extent);
      return mean ? values.mean(before, extent.until) : values.integral(before, extent.until) * 1e-9 / column.per;
    }
    case Function::increase: {
      const auto& held = at<IncreasePart>(cell, column.part).held;
      return held ? held->since(increase_before(column.part, extent)).nearest() : nothing;
    }
    default:
      return nothing;  // the others keep tokens or counts
  }
}

}  // namespace weir
