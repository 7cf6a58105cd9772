#include "refusal.hpp"

#include <fmt/format.h>

namespace weir::pg_load {

bool is_about_a_row(const db::ServerError& error) {
  return error.is("21") || error.is("22") || error.is("23") || error.is("P0") || error.is("44") || error.is("54") ||
         error.is("09");
}

bool is_transient(const db::ServerError& error) {
  return error.is("40") || error.is("53") || error.is("55P03") || error.is("25006");
}

bool is_of_server(const db::ServerError& error) {
  return error.is("08") || error.is("57") || error.is("58") || error.is("F0") || error.is("XX001") || error.is("XX002");
}

std::string reason_of(const db::ServerError::Report& report) {
  std::string reason = report.message;
  // `Failing row contains …` would repeat the record, which the rejects have.
  const bool repeats_row = report.sqlstate == "23502" || report.sqlstate == "23514";
  if (!report.detail.empty() && !repeats_row) reason += ": " + report.detail;
  static constexpr std::string_view mark = ", column ";
  if (report.column.empty() && report.sqlstate.starts_with("22")) {
    // `COPY readings, line 17, column humidity: "wet"`
    if (const auto at = report.context.find(mark); at != std::string::npos) {
      const auto name = at + mark.size();
      const auto end = report.context.find(": ", name);
      reason += fmt::format(" (column {})", report.context.substr(name, end == std::string::npos ? end : end - name));
    }
  }
  return reason;
}

std::string full_text(const db::ServerError::Report& report) {
  std::string text = report.message;
  if (!report.detail.empty()) text += ": " + report.detail;
  if (!report.hint.empty()) text += " (" + report.hint + ")";
  return text;
}

}  // namespace weir::pg_load
