#include "cli/app.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <stdexcept>

namespace weir::cli {
namespace {

/// Splits at commas, trims blanks, drops empty parts.
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return parts;
}

template <typename Number>
Number to_number(const std::string& text) {
  Number number{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  bool finite = true;
  if constexpr (std::is_floating_point_v<Number>) finite = std::isfinite(number);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || !finite)
    throw std::invalid_argument(
        fmt::format("'{}' is not a {}", text, std::is_integral_v<Number> ? "whole number" : "number"));
  return number;
}

/// Stores what `read` makes of the text into a number or an optional one, within the option's limits.
template <typename Target, typename Read>
std::function<void(const std::string&)> store_within_limits(const Option& option, Target& target, Read read) {
  return [&option, &target, read](const std::string& text) {
    const auto number = read(text);
    const auto value = static_cast<double>(number);
    if (option.lowest && value < *option.lowest)
      throw std::invalid_argument(fmt::format("must be at least {}, not {}", *option.lowest, text));
    if (option.highest && value > *option.highest)
      throw std::invalid_argument(fmt::format("must be at most {}, not {}", *option.highest, text));
    target = number;
  };
}

template <typename Number>
std::function<void(const std::string&)> store_number(const Option& option, Number& target) {
  return store_within_limits(option, target, to_number<Number>);
}

template <typename Number>
std::function<void(const std::string&)> store_number(const Option& option, std::optional<Number>& target) {
  return store_within_limits(option, target, to_number<Number>);
}

Duration to_duration(const std::string& text) {
  const auto length = parse_duration(text);
  if (!length)
    throw std::invalid_argument(
        fmt::format("'{}' is not a duration with its unit, such as 250ms, 15s, 1m, 2h or 1d", text));
  return *length;
}

/// 4096, 64K or 64KiB.
std::uint64_t to_size(std::string text) {
  static constexpr std::string_view suffixes = "KMG";
  if (text.ends_with("iB") && text.size() > 3 && suffixes.find(text[text.size() - 3]) != std::string_view::npos)
    text.resize(text.size() - 2);
  const auto suffix = text.empty() ? std::string_view::npos : suffixes.find(text.back());
  const bool plain = suffix == std::string_view::npos;
  const auto number = to_number<std::uint64_t>(plain ? text : text.substr(0, text.size() - 1));
  const unsigned shift = plain ? 0U : 10U * (static_cast<unsigned>(suffix) + 1U);
  if (number > (UINT64_MAX >> shift)) throw std::invalid_argument("too large");
  return number << shift;
}

std::string size_text(std::uint64_t size) {
  for (const auto& [shift, suffix] : {std::pair(30U, "G"), std::pair(20U, "M"), std::pair(10U, "K")})
    if (size != 0 && size % (std::uint64_t{1} << shift) == 0) return fmt::format("{}{}", size >> shift, suffix);
  return fmt::format("{}", size);
}

}  // namespace

std::optional<std::string> Context::secret(std::string_view variable, const std::string& file) const {
  const auto secret = file.empty() ? environment.secret(variable) : read_secret_file(file);
  if (secret) log.conceal(*secret);
  return secret;
}

App::App(std::string name, std::string brief) : name_(std::move(name)), brief_(std::move(brief)) {}

void App::example(std::string command, std::string shows) {
  examples_.emplace_back(std::move(command), std::move(shows));
}

Option& App::add(std::string_view names, std::string help, Arity arity) {
  auto option = std::make_unique<Option>();
  while (!names.empty()) {
    const auto comma = names.find(',');
    option->names.emplace_back(names.substr(0, comma));
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
  }
  option->help = std::move(help);
  option->arity = arity;
  option->group = group_;
  order_.push_back(option.get());
  owned_.push_back(std::move(option));
  return *order_.back();
}

Option& App::option(std::string_view names, std::string& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("TEXT").default_text(target);
  added.set = [&target](const std::string& text) { target = text; };
  return added;
}

Option& App::option(std::string_view names, std::optional<std::string>& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("TEXT");
  added.set = [&target](const std::string& text) { target = text; };
  return added;
}

Option& App::option(std::string_view names, int& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("N").default_text(fmt::format("{}", target));
  added.set = store_number(added, target);
  return added;
}

Option& App::option(std::string_view names, std::uint64_t& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("N").default_text(fmt::format("{}", target));
  added.set = store_number(added, target);
  return added;
}

Option& App::option(std::string_view names, std::optional<std::uint64_t>& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("N");
  added.set = store_number(added, target);
  return added;
}

Option& App::option(std::string_view names, double& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("NUMBER").default_text(fmt::format("{}", target));
  added.set = store_number(added, target);
  return added;
}

Option& App::option(std::string_view names, std::optional<double>& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("NUMBER");
  added.set = store_number(added, target);
  return added;
}

Option& App::option(std::string_view names, Duration& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("DURATION").default_text(format_duration(target));
  added.set = [&target](const std::string& text) { target = to_duration(text); };
  return added;
}

Option& App::option(std::string_view names, std::optional<Duration>& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("DURATION");
  added.set = [&target](const std::string& text) { target = to_duration(text); };
  return added;
}

Option& App::option(std::string_view names, std::vector<std::string>& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::many).metavar("TEXT");
  added.set = [&target](const std::string& text) { target.push_back(text); };
  return added;
}

Option& App::flag(std::string_view names, bool& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::flag);
  added.set = [&target](const std::string&) { target = true; };
  return added;
}

Option& App::size(std::string_view names, std::uint64_t& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("BYTES").default_text(size_text(target));
  added.set = store_within_limits(added, target, to_size);
  return added;
}

Option& App::list(std::string_view names, std::vector<std::string>& target, std::string help) {
  Option& added = add(names, std::move(help), Arity::one).metavar("NAME,…");
  added.takes_list = true;
  std::string current;
  for (const std::string& part : target) current += (current.empty() ? "" : ",") + part;
  added.default_text(current);
  added.set = [&target](const std::string& text) {
    target = split_list(text);
    if (target.empty()) throw std::invalid_argument("an empty list");
  };
  return added;
}

Option& App::positional(const std::string& word, std::vector<std::string>& target, std::string help) {
  Option& added = add(word, std::move(help), Arity::positional).file(word + "…");
  added.set = [&target](const std::string& text) { target.push_back(text); };
  return added;
}

Option& App::positional(const std::string& word, std::string& target, std::string help) {
  Option& added = add(word, std::move(help), Arity::positional).file(word);
  added.set = [&target](const std::string& text) {
    if (!target.empty())
      throw std::invalid_argument(fmt::format("only one is taken, and '{}' came after '{}'", text, target));
    target = text;
  };
  return added;
}

Option& App::add_choice(std::string_view names, std::vector<std::string> words, std::string current, std::string help,
                        std::function<void(const std::string&)> set) {
  Option& added = add(names, std::move(help), Arity::one)
                      .metavar(fmt::format("{}", fmt::join(words, "|")))
                      .default_text(std::move(current));
  added.choices = std::move(words);
  added.set = [&added, set = std::move(set)](const std::string& word) {
    for (const std::string& each : added.choices)
      if (each == word) return set(word);
    throw std::invalid_argument(fmt::format("'{}' is none of {}", word, fmt::join(added.choices, ", ")));
  };
  return added;
}

}  // namespace weir::cli
