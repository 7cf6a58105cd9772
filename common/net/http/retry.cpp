#include "net/http/retry.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace weir::http {
namespace {

constexpr Duration longest = std::chrono::hours(24 * 7);

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view value, Time now) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (value.empty() || value.size() > 64) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    std::uint64_t seconds = 0;
    const auto result = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (result.ec == std::errc::result_out_of_range || seconds > 7 * 86'400) return longest;
    return std::chrono::seconds(seconds);
  }
  if (value.find(':') == std::string_view::npos)
    return std::nullopt;  // libcurl reads more than dates, "-5" and "1.5" among it
  const std::time_t date = curl_getdate(std::string(value).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  if (date > std::chrono::duration_cast<std::chrono::seconds>((now + longest).time_since_epoch()).count())
    return longest;
  return std::max(Duration::zero(), Duration(Time(std::chrono::seconds(date)) - now));
}

}  // namespace weir::http
