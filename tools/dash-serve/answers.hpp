// What answers are made of.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_server/message.hpp"
#include "record/json_text.hpp"

namespace weir::dash_serve {

inline double seconds(std::chrono::steady_clock::duration length) {
  return std::chrono::duration<double>(length).count();
}

inline web::Response json(std::string body, int status = 200) {
  return {.status = status,
          .type = "application/json",
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}}};
}

inline std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

inline std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& each : texts) {
    if (out.size() > 1) out += ',';
    append_json_string(out, each);
  }
  return out + ']';
}

}  // namespace weir::dash_serve
