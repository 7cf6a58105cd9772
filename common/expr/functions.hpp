// The functions of expressions.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

#include "expr/code.hpp"
#include "expr/result.hpp"

namespace weir::expr {

/// A function as users write it.
struct Function {
  std::string_view name;
  Code code;
  std::size_t least;  ///< arguments; two and more are taken in pairs from the left, except by calls
  std::size_t most;
  Type takes;  ///< of calls, see wanted_by_call()
  Type gives;
};
/// The most arguments of a function that takes any number.
inline constexpr std::size_t many = 64;
inline constexpr std::array<Function, 20> functions{
    {{"abs", Code::abs, 1, 1, Type::number, Type::number},
     {"round", Code::round, 1, 2, Type::number, Type::number},
     {"floor", Code::floor, 1, 1, Type::number, Type::number},
     {"ceil", Code::ceil, 1, 1, Type::number, Type::number},
     {"sqrt", Code::sqrt, 1, 1, Type::number, Type::number},
     {"min", Code::min, 2, many, Type::number, Type::number},
     {"max", Code::max, 2, many, Type::number, Type::number},
     {"coalesce", Code::coalesce, 2, many, Type::null, Type::null},  // any
     {"contains", Code::contains, 2, 2, Type::string, Type::boolean},
     {"starts_with", Code::starts_with, 2, 2, Type::string, Type::boolean},
     {"ends_with", Code::ends_with, 2, 2, Type::string, Type::boolean},
     {"lower", Code::lower, 1, 1, Type::string, Type::string},
     {"upper", Code::upper, 1, 1, Type::string, Type::string},
     {"trim", Code::trim, 1, 1, Type::string, Type::string},
     {"length", Code::length, 1, 1, Type::string, Type::number},
     {"left", Code::left, 2, 2, Type::string, Type::string},
     {"right", Code::right, 2, 2, Type::string, Type::string},
     {"substr", Code::substr, 2, 3, Type::string, Type::string},
     {"replace", Code::replace, 3, 3, Type::string, Type::string},
     {"concat", Code::concat, 2, many, Type::null, Type::string}}};

/// The code of a function with so many arguments.
inline Code code_of(const Function& function, std::size_t count) {
  if (function.code == Code::round && count == 2) return Code::round_to;
  return function.code == Code::substr && count == 2 ? Code::substr_from : function.code;
}

/// Whether its arguments are taken in pairs from the left.
inline bool takes_pairs(const Function& function) {
  return function.most == many || (function.code >= Code::contains && function.code <= Code::ends_with);
}

}  // namespace weir::expr
