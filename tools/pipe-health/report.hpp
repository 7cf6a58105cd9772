// What is told of the checks: lines, the health page, the metrics page.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker.hpp"

namespace weir::pipe_health {

/// One check as a record.
void append_line(std::string& out, const State& state);

/// Whether all of them are healthy; one without a result is not.
bool are_healthy(const std::vector<State>& states);

/// The states that `?check=a,b` names; nothing where one is not there, or none is named.
std::optional<std::vector<State>> chosen(const std::vector<State>& states, std::string_view names);

/// The names of the checks, for a message.
std::string names_of(const std::vector<State>& states);

/// `{"status":…,"timestamp":…,"checks":{NAME:{"name":NAME,"status":…}}}`
std::string health_page(const std::vector<State>& states, std::chrono::system_clock::time_point now);

/// The figures for Prometheus: as OpenMetrics where the Accept header asks for it.
struct MetricsPage {
  std::string type;
  std::string body;
};
/// `stages` is a folder of files by --metrics, or empty.
MetricsPage metrics_page(const std::vector<State>& states, std::chrono::system_clock::time_point now,
                         std::string_view accept, const std::string& stages);

}  // namespace weir::pipe_health
