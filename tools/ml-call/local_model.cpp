// Asking a model that runs in this process.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include "ml_call.hpp"

namespace weir::ml_call {
namespace {

/// A number or boolean as a model takes it; a null is missing. Nothing for any other token.
std::optional<float> number_of(std::string_view token) {
  if (token == "null") return std::numeric_limits<float>::quiet_NaN();
  if (token == "true" || token == "false") return token == "true" ? 1.F : 0.F;
  double number = 0;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), number);
  const bool fits = std::fabs(number) <= std::numeric_limits<float>::max();
  if (read.ec != std::errc() || read.ptr != token.data() + token.size() || !fits) return std::nullopt;
  return static_cast<float>(number);
}

/// Predictions as a JSON token: a number, or a list of several.
std::string token_of(std::span<const float> values) {
  std::string token;
  for (const float value : values) {
    if (!token.empty()) token += ',';
    token += std::isfinite(value) ? fmt::format("{}", value) : "null";
  }
  return values.size() == 1 ? token : '[' + token + ']';
}

}  // namespace

std::vector<std::size_t> order_of(const model::Model& model, const std::vector<Input>& given) {
  if (given.size() != model.inputs())
    throw std::invalid_argument(
        fmt::format("--input: the model has {} inputs, and {} are given", model.inputs(), given.size()));
  std::vector<std::size_t> order;
  for (const Input& each : given) {
    if (each.fallback && !number_of(*each.fallback))
      throw std::invalid_argument(fmt::format("--input {}: the default is not a number and not null", each.name));
    order.push_back(order.size());
  }
  for (std::size_t i = 0; i < model.names().size(); ++i) {
    const auto found = std::ranges::find(given, model.names()[i], &Input::name);
    if (found == given.end())
      throw std::invalid_argument(fmt::format("--input: the model's input '{}' is not given", model.names()[i]));
    order[i] = static_cast<std::size_t>(found - given.begin());
  }
  return order;
}

/// Asks the model in this process.
void MlCall::predict(Batch batch) {
  std::vector<float> values;
  Batch asked;
  for (Job& job : batch) {
    const std::size_t before = values.size();
    for (const std::size_t i : order_)
      if (const auto number = number_of(job.row[i])) values.push_back(*number);
    if (values.size() == before + order_.size()) {
      asked.push_back(std::move(job));
    } else {
      values.resize(before);
      fail(Batch(1, std::move(job)), "an input is beyond what a model takes, 3.4e38");
    }
  }
  if (asked.empty()) return;
  std::vector<float> found;
  try {
    found = settings_.local->predict(values, asked.size());
  } catch (const std::runtime_error& problem) {
    return fail(std::move(asked), problem.what());
  }
  const std::size_t each = found.size() / asked.size();
  for (std::size_t i = 0; i < asked.size(); ++i)
    answer(asked[i], token_of(std::span(found).subspan(i * each, each)), {});
}

}  // namespace weir::ml_call
