#include "server_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::redis_load {
namespace {

constexpr std::array<std::string_view, 9> passing{"OOM",        "LOADING",  "BUSY",        "MISCONF",   "NOREPLICAS",
                                                  "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "UNKILLABLE"};
constexpr std::array<std::string_view, 3> of_cluster{"MOVED", "ASK", "CROSSSLOT"};
constexpr std::array<std::string_view, 3> of_rights{"NOAUTH", "WRONGPASS", "NOPERM"};

template <std::size_t Size>
bool holds(const std::array<std::string_view, Size>& list, std::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

}  // namespace

Answer answer_to(std::string_view code, bool executed) {
  if (holds(passing, code)) return Answer::retry;
  if (code == "READONLY") return Answer::reconnect;
  if (!executed || holds(of_cluster, code) || holds(of_rights, code)) return Answer::end;
  return Answer::reject;
}

Answer answer_alone(std::string_view code, std::string_view text) {
  constexpr std::string_view not_taken = "ERR unknown command";
  return answer_to(code, text.substr(0, not_taken.size()) != not_taken);
}

std::string explained(std::string_view code, const std::string& text) {
  if (holds(of_cluster, code))
    return fmt::format(
        "{}; in a cluster all keys must have one hash tag, '{{{{site}}}}:…', --epoch-key too, and --host must name the "
        "node that has it",
        text);
  if (code == "NOAUTH") return text + " Give --password-file or REDIS_PASSWORD, and --user";
  return text;
}

}  // namespace weir::redis_load
