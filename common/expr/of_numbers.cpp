#include <array>

#include "expr/expression.hpp"
#include "expr/operations.hpp"

namespace weir::expr {
namespace {

/// The most values at once of an expression of numbers.
constexpr std::size_t max_values = 16;

/// What a step leaves on the stack.
enum class Left : std::uint8_t { truth, computed, written };

}  // namespace

void Expression::find_of_numbers() {
  of_numbers_ = Type::null;
  std::array<Left, max_values> stack{};
  std::size_t size = 0;
  const auto both = [&](bool truths) {
    return (stack[size - 1] == Left::truth) == truths && (stack[size - 2] == Left::truth) == truths;
  };
  for (const Step& step : steps_) {
    switch (step.code) {
      case Code::load:
      case Code::number:
        if (size == max_values) return;
        if (step.code == Code::number && digits_[step.argument].size() > few_digits) return;
        stack[size++] = Left::written;
        break;
      case Code::logical_not:
      case Code::and_test:
      case Code::or_test:
        if (stack[size - 1] != Left::truth) return;
        break;
      case Code::subtract:  // of two written ones by their digits
        if (stack[size - 1] == Left::written && stack[size - 2] == Left::written) return;
        [[fallthrough]];
      case Code::add:
      case Code::multiply:
      case Code::divide:
      case Code::modulo:
        if (!both(false)) return;
        stack[--size - 1] = Left::computed;
        break;
      case Code::less:
      case Code::less_equal:
      case Code::greater:
      case Code::greater_equal:
      case Code::equal:
      case Code::not_equal:
        if (!both(false)) return;
        stack[--size - 1] = Left::truth;
        break;
      case Code::and_merge:
      case Code::or_merge:
        if (!both(true)) return;
        --size;
        break;
      default:
        if (!is_of_one_number(step.code) || stack[size - 1] == Left::truth) return;
        stack[size - 1] = Left::computed;
        break;
    }
  }
  if (stack[0] != Left::written) of_numbers_ = stack[0] == Left::truth ? Type::boolean : Type::number;
}

bool Expression::evaluate_numbers(const double* operands, Result& result) const {
  std::array<double, max_values> stack;  // NOLINT: a value is written before it is read
  double* top = stack.data();            // one above the topmost value; a truth is 0 or 1
  double nothing = 0;                    // NaN once a value is not finite
  const auto pair = [&](auto made) {
    --top;
    top[-1] = made(top[-1], top[0]);
  };
  const auto finite = [&] { nothing += top[-1] * 0; };
  const Step* const steps = steps_.data();
  for (std::size_t i = 0, end = steps_.size(); i < end; ++i) {
    switch (steps[i].code) {
      case Code::load:
        *top++ = operands[steps[i].argument];
        break;
      case Code::number:
        *top++ = numbers_[steps[i].argument];
        break;
      case Code::logical_not:
        top[-1] = 1 - top[-1];
        break;
      case Code::and_test:
        if (top[-1] == 0) i = steps[i].argument - 1;
        break;
      case Code::or_test:
        if (top[-1] != 0) i = steps[i].argument - 1;
        break;
      case Code::and_merge:
      case Code::or_merge:
        pair([](double, double b) { return b; });
        break;
      case Code::add:
        pair([](double a, double b) { return a + b; });
        finite();
        break;
      case Code::subtract:
        pair([](double a, double b) { return a - b; });
        finite();
        break;
      case Code::multiply:
        pair([](double a, double b) { return a * b; });
        finite();
        break;
      case Code::divide:
      case Code::modulo:
        pair([code = steps[i].code](double a, double b) { return computed(code, a, b); });
        finite();
        break;
      case Code::less:
        pair([](double a, double b) { return a < b ? 1.0 : 0.0; });
        break;
      case Code::less_equal:
        pair([](double a, double b) { return a <= b ? 1.0 : 0.0; });
        break;
      case Code::greater:
        pair([](double a, double b) { return a > b ? 1.0 : 0.0; });
        break;
      case Code::greater_equal:
        pair([](double a, double b) { return a >= b ? 1.0 : 0.0; });
        break;
      case Code::equal:
        pair([](double a, double b) { return a == b ? 1.0 : 0.0; });
        break;
      case Code::not_equal:
        pair([](double a, double b) { return a != b ? 1.0 : 0.0; });
        break;
      default:
        top[-1] = computed(steps[i].code, top[-1]);
        finite();
        break;
    }
  }
  if (nothing != 0) return false;
  result.type = of_numbers_;
  if (of_numbers_ == Type::boolean)
    result.truth = stack[0] != 0;
  else
    result.number = stack[0];
  return true;
}

}  // namespace weir::expr
