// The text of QARTOD's tests.
#include <fmt/format.h>

#include <stdexcept>
#include <vector>

#include "clean/qartod.hpp"
#include "record/number.hpp"
#include "record/trimmed.hpp"
#include "time/duration.hpp"

namespace weir::clean {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const std::size_t end = text.find_first_of(" \t\n");
    words.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  return words;
}

double number_of(std::string_view word) {
  const auto number = parse_json_number(word);
  if (!number) throw std::invalid_argument(fmt::format("'{}' is not a number", word));
  return *number;
}

double threshold_of(std::string_view word) {
  const double number = number_of(word);
  if (number < 0) throw std::invalid_argument(fmt::format("{} is below 0", word));
  return number;
}

Duration duration_of(std::string_view word) {
  const auto length = parse_duration(word);
  if (!length || *length <= Duration::zero())
    throw std::invalid_argument(fmt::format("'{}' is not a duration with its unit, as in 30m", word));
  return *length;
}

/// `0.5/1m`, as a change per second.
double rate_of(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == std::string_view::npos)
    throw std::invalid_argument(fmt::format("'{}' is not a change in a time, as in 0.5/1m", word));
  return threshold_of(word.substr(0, slash)) /
         std::chrono::duration<double>(duration_of(word.substr(slash + 1))).count();
}

ValueSpan span_of(std::string_view word) {
  const std::size_t dots = word.find("..");
  if (dots == std::string_view::npos) throw std::invalid_argument(fmt::format("'{}' is not LOW..HIGH", word));
  ValueSpan span;
  if (const auto low = word.substr(0, dots); !low.empty()) span.low = number_of(low);
  if (const auto high = word.substr(dots + 2); !high.empty()) span.high = number_of(high);
  if (span.low && span.high && *span.low > *span.high)
    throw std::invalid_argument(fmt::format("{}: the lower limit is above the upper one", word));
  return span;
}

/// One or two thresholds; the first is for suspect.
template <typename Amount, typename Read>
void thresholds_of(const std::vector<std::string_view>& words, std::optional<Amount>& suspect,
                   std::optional<Amount>& fail, Read read) {
  if (words.empty() || words.size() > 2)
    throw std::invalid_argument("one threshold is expected, for suspect, or two, the second for fail");
  suspect = read(words[0]);
  if (words.size() == 2) fail = read(words[1]);
  if (fail && *fail < *suspect)
    throw std::invalid_argument("the threshold for fail, the second one, is below that for suspect");
}

void read_range(const std::vector<std::string_view>& words, QartodRule& rule) {
  const bool both = words.size() == 3 && words[1] == "suspect";
  if (words.size() != 1 && !both) throw std::invalid_argument("expected LOW..HIGH, or LOW..HIGH suspect LOW..HIGH");
  rule.fail_span = span_of(words[0]);
  if (!both) return;
  rule.suspect_span = span_of(words[2]);
  const auto inside = [](const std::optional<double>& inner, const std::optional<double>& outer, bool low) {
    return !outer || !inner || (low ? *inner >= *outer : *inner <= *outer);
  };
  if (!inside(rule.suspect_span->low, rule.fail_span->low, true) ||
      !inside(rule.suspect_span->high, rule.fail_span->high, false))
    throw std::invalid_argument("the span of good values is not within that of possible ones");
}

void read_test(std::string_view text, QartodRule& rule) {
  std::vector<std::string_view> words = words_of(text);
  if (words.empty()) return;
  const std::string_view name = words.front();
  words.erase(words.begin());
  for (std::size_t i = 0; i < qartod_tests; ++i)
    if (name == qartod_names[i] && rule.has(static_cast<QartodTest>(i)))
      throw std::invalid_argument("is there twice");
  if (name == "range") return read_range(words, rule);
  if (name == "spike") return thresholds_of(words, rule.spike.suspect, rule.spike.fail, threshold_of);
  if (name == "rate") return thresholds_of(words, rule.rate.suspect, rule.rate.fail, rate_of);
  if (name == "gap") {
    if (words.size() != 1) throw std::invalid_argument("one duration is expected");
    rule.gap.fail = duration_of(words[0]);
    return;
  }
  if (name != "flat") throw std::invalid_argument("is not a test: range, spike, rate, flat and gap are");
  if (words.size() > 2 && words[words.size() - 2] == "within") {
    rule.flat_tolerance = threshold_of(words.back());
    words.resize(words.size() - 2);
  }
  thresholds_of(words, rule.flat_suspect, rule.flat_fail, duration_of);
}

}  // namespace

QartodRule parse_qartod(std::string_view text) {
  QartodRule rule;
  bool any = false;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    const std::string_view test = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (test.empty()) continue;
    any = true;
    try {
      read_test(test, rule);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("{}: {}", words_of(test).front(), error.what()));
    }
  }
  if (!any) throw std::invalid_argument("no test: expected one of range, spike, rate, flat and gap");
  return rule;
}

}  // namespace weir::clean
