#include "expr/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <deque>

#include "expr/operations.hpp"
#include "record/number.hpp"
#include "record/value_checks.hpp"

namespace weir::expr {
namespace {

Result error(Fault fault, const Result& found, std::uint32_t place) {
  Result result;
  result.type = Type::error;
  result.fault = fault;
  result.found = found.type;
  result.place = place;
  if (found.type == Type::string) result.text = found.text;
  return result;
}

Result operand(const Value& value, std::uint32_t place) {
  Result result;
  switch (value.kind) {
    case Kind::missing:
    case Kind::null:
      return result;
    case Kind::boolean:
      return Result::of(value.is_true());
    case Kind::number:
      if (const auto number = value.number()) return Result::of(*number, value.raw);
      result.type = Type::number;
      return error(Fault::out_of_range, result, place);
    case Kind::string:
      return Result::of(value.text);
    case Kind::object:
    case Kind::array:
      result.type = Type::other;
      return result;
  }
  return result;
}

bool holds(Code code, std::partial_ordering order) {
  switch (code) {
    case Code::less:
      return std::is_lt(order);
    case Code::less_equal:
      return std::is_lteq(order);
    case Code::greater:
      return std::is_gt(order);
    default:
      return std::is_gteq(order);
  }
}

bool equal(const Result& a, const Result& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case Type::boolean:
      return a.truth == b.truth;
    case Type::number:
      return std::is_eq(number_order(a, b));
    case Type::string:
      return std::is_eq(text_order(a.text, b.text));
    default:
      return true;
  }
}

/// True when the value is neither true, false nor unknown.
bool no_truth(const Result& result) { return result.type != Type::boolean && result.type != Type::null; }
bool no_number(const Result& result) { return result.type != Type::number && result.type != Type::null; }
bool no_string(const Result& result) { return result.type != Type::string && result.type != Type::null; }
bool cannot_join(const Result& result) { return result.type == Type::other; }

/// The last step of a function's operand at a place; step `at` is the function's own.
std::uint32_t place_of(const Step& step, std::uint32_t at, std::size_t place, std::size_t count) {
  if (place + 1 == count) return at - 1;
  return place == 0 ? step.argument & 0xffffU : step.argument >> 16U;
}

/// Strings that functions made, by step. They keep their memory, so that evaluating allocates none.
std::string& made_text(std::uint32_t step) {
  static thread_local std::deque<std::string> texts;
  if (texts.size() <= step) texts.resize(step + 1);
  return texts[step];
}

/// Calls a function whose operands begin at `first`; step `at` is its own.
Result called(const Step& step, std::uint32_t at, const Result* first) {
  const std::size_t count = operands_of_call(step.code);
  bool known = true;
  for (std::size_t i = 0; i < count; ++i) {
    const Type wanted = wanted_by_call(step.code, i);
    known = known && first[i].type != Type::null;
    if (first[i].type == wanted || first[i].type == Type::null) continue;
    return error(wanted == Type::string ? Fault::needs_string : Fault::needs_number, first[i],
                 place_of(step, at, i, count));
  }
  if (!known) return {};
  Result result = call(step.code, first, made_text(at));
  if (result.failed()) result.place = at;
  return result;
}

}  // namespace

template <typename Load>
Result Expression::run(Part part, const Load& load) const {
  // The operand stack is kept between runs, so that it is not cleared each time; runs do not nest.
  static thread_local constinit std::array<Result, max_operands> stack;
  Result* top = stack.data();  // one above the topmost operand
  for (std::uint32_t i = part.first; i <= part.last; ++i) {
    const Step step = steps_[i];
    switch (step.code) {
      case Code::load:
        *top = load(step.argument, i);
        if (top->failed()) return *top;
        ++top;
        break;
      case Code::number:
        *top++ = Result::of(numbers_[step.argument], digits_[step.argument]);
        break;
      case Code::string:
        *top++ = Result::of(std::string_view(strings_[step.argument]));
        break;
      case Code::truth:
        *top++ = Result::of(true);
        break;
      case Code::falsehood:
        *top++ = Result::of(false);
        break;
      case Code::null:
        *top++ = Result();
        break;
      case Code::negate:
      case Code::abs:
      case Code::round:
      case Code::floor:
      case Code::ceil:
      case Code::sqrt: {
        Result& a = top[-1];
        if (no_number(a)) return error(Fault::needs_number, a, i - 1);
        if (a.type == Type::number) a = Result::of(computed(step.code, a.number));
        break;
      }
      case Code::logical_not: {
        Result& a = top[-1];
        if (no_truth(a)) return error(Fault::needs_boolean, a, i - 1);
        a.truth = !a.truth;
        break;
      }
      case Code::add:
      case Code::subtract:
      case Code::multiply:
      case Code::divide:
      case Code::modulo:
      case Code::min:
      case Code::max: {
        const Result& b = *--top;
        Result& a = top[-1];
        if (no_number(a)) return error(Fault::needs_number, a, step.argument);
        if (no_number(b)) return error(Fault::needs_number, b, i - 1);
        const bool known = a.type == Type::number && b.type == Type::number;
        if (!known)
          a = Result();
        else if (step.code == Code::subtract)
          a = differ_by_digits(a, b) ? difference(a, b, made_text(i)) : Result::of(a.number - b.number);
        else if (step.code == Code::min || step.code == Code::max)
          a = std::is_lt(number_order(a, b)) == (step.code == Code::min) ? a : b;
        else
          a = Result::of(computed(step.code, a.number, b.number));
        break;
      }
      case Code::coalesce: {
        const Result& b = *--top;
        if (top[-1].type == Type::null) top[-1] = b;
        break;
      }
      case Code::concat: {
        const Result& b = *--top;
        Result& a = top[-1];
        if (cannot_join(a)) return error(Fault::needs_string, a, step.argument);
        if (cannot_join(b)) return error(Fault::needs_string, b, i - 1);
        a = a.type == Type::null || b.type == Type::null ? Result() : concat(a, b, made_text(i));
        if (a.failed()) {
          a.place = i;
          return a;
        }
        break;
      }
      case Code::round_to:
      case Code::lower:
      case Code::upper:
      case Code::trim:
      case Code::length:
      case Code::left:
      case Code::right:
      case Code::substr_from:
      case Code::substr:
      case Code::replace: {
        top -= operands_of_call(step.code) - 1;
        top[-1] = called(step, i, top - 1);
        if (top[-1].failed()) return top[-1];
        break;
      }
      case Code::contains:
      case Code::starts_with:
      case Code::ends_with: {
        const Result& b = *--top;
        Result& a = top[-1];
        if (no_string(a)) return error(Fault::needs_string, a, step.argument);
        if (no_string(b)) return error(Fault::needs_string, b, i - 1);
        const bool known = a.type == Type::string && b.type == Type::string;
        a = known ? text_test(step.code, a.text, b.text) : Result();
        break;
      }
      case Code::less:
      case Code::less_equal:
      case Code::greater:
      case Code::greater_equal: {
        const Result& b = *--top;
        Result& a = top[-1];
        if (a.type == Type::number && b.type == Type::number) {
          a = Result::of(holds(step.code, number_order(a, b)));
        } else if (a.type == Type::string && b.type == Type::string) {
          a = Result::of(holds(step.code, text_order(a.text, b.text)));
        } else if (no_number(a) && no_string(a)) {
          return error(Fault::cannot_order, a, step.argument);
        } else if (no_number(b) && no_string(b)) {
          return error(Fault::cannot_order, b, i - 1);
        } else if (a.type == Type::null || b.type == Type::null) {
          a = Result();
        } else {
          // One is a number, the other a string. Between a field and a constant, the error names the field.
          const bool left = steps_[i - 1].code == Code::number || steps_[i - 1].code == Code::string;
          return left ? error(Fault::cannot_order, a, step.argument) : error(Fault::cannot_order, b, i - 1);
        }
        break;
      }
      case Code::equal:
      case Code::not_equal: {
        const Result& b = *--top;
        Result& a = top[-1];
        if (a.type == Type::other) return error(Fault::cannot_order, a, step.argument);
        if (b.type == Type::other) return error(Fault::cannot_order, b, i - 1);
        const bool known = a.type != Type::null && b.type != Type::null;
        a = known ? Result::of(equal(a, b) == (step.code == Code::equal)) : Result();
        break;
      }
      case Code::same:
      case Code::not_same: {
        const Result& b = *--top;
        Result& a = top[-1];
        a = Result::of((a.type == Type::null && b.type == Type::null) == (step.code == Code::same));
        break;
      }
      case Code::and_test:
      case Code::or_test: {
        const Result& a = top[-1];
        if (no_truth(a)) return error(Fault::needs_boolean, a, i - 1);
        if (step.code == Code::and_test ? a.is_false() : a.is_true()) i = step.argument - 1;
        break;
      }
      case Code::and_merge:
      case Code::or_merge: {
        const Result& b = *--top;
        Result& a = top[-1];
        if (no_truth(b)) return error(Fault::needs_boolean, b, i - 1);
        const bool deciding = step.code == Code::or_merge;
        // The left side did not decide: it is unknown, or the value that leaves the decision to the right side.
        if (a.type == Type::boolean || (b.type == Type::boolean && b.truth == deciding)) a = b;
        break;
      }
    }
  }
  return stack.front();
}

Result Expression::evaluate(Part part, const Record& record) const {
  return run(part, [&](std::uint32_t index, std::uint32_t place) { return operand(record[ids_[index]], place); });
}

Result Expression::evaluate(std::span<const Result> operands) const {
  return run(whole(), [&](std::uint32_t index, std::uint32_t) { return operands[index]; });
}

Result Expression::condition(const Result& result) const {
  if (result.failed() || !no_truth(result)) return result;
  return error(Fault::needs_boolean, result, whole().last);
}

bool Expression::handles_text() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const Step& step) {
    const Code code = step.code;
    return code == Code::string || code == Code::concat || (code >= Code::contains && code <= Code::ends_with) ||
           code > Code::round_to;
  });
}

void Expression::bind(FieldSet& fields) {
  ids_.clear();
  for (const std::string& path : fields_) ids_.push_back(fields.add(path));
}

std::string_view Expression::text(Part part) const {
  const Span span = spans_[part.last];
  return std::string_view(text_).substr(span.begin, span.end - span.begin);
}

std::string Expression::error_text(const Result& result) const {
  const std::string_view place =
      result.place < spans_.size() ? text({result.place, result.place}) : std::string_view(text_);
  switch (result.fault) {
    case Fault::none:
      return {};
    case Fault::needs_number:
      return fmt::format("{} is {} where a number is needed{}", place, name_of(result.found), number_help(result.text));
    case Fault::needs_boolean:
      return fmt::format("{} is {} where true or false is needed", place, name_of(result.found));
    case Fault::needs_string:
      return fmt::format("{} is {} where a string is needed", place, name_of(result.found));
    case Fault::cannot_order:
      return fmt::format("{} is {} and cannot be compared so{}", place, name_of(result.found),
                         number_help(result.text));
    case Fault::too_long:
      return fmt::format("{} is longer than {} bytes", place, max_text);
    case Fault::out_of_range:
      return fmt::format("{} is a number beyond a double's range", place);
  }
  return {};
}

void Expression::append_token(std::string& out, Part part, const Record& record) const {
  if (part.first == part.last && steps_[part.first].code == Code::load) {
    const Value& value = record[ids_[steps_[part.first].argument]];
    out += value.kind == Kind::missing ? std::string_view("null") : value.raw;
    return;
  }
  if (const std::string_view written = text(part); is_json_number(written)) {
    out += written;
    return;
  }
  expr::append_token(out, evaluate(part, record));
}

Result result_of(const Value& value) { return operand(value, 0); }

}  // namespace weir::expr
