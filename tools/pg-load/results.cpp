#include "results.hpp"

#include <stdexcept>
#include <utility>

namespace weir::pg_load {

std::optional<std::string> await_copy(db::Connection& server) {
  std::optional<std::string> value;
  for (;;) {
    db::Result result = server.next_result();
    switch (result.kind) {
      case db::Result::Kind::copy_in:
        return value;
      case db::Result::Kind::rows:
        value = result.rows.at(0).at(0);
        break;
      case db::Result::Kind::done:
        break;
      case db::Result::Kind::error:
        while (server.next_result().kind != db::Result::Kind::end) {
        }
        throw db::ServerError(std::move(result.error));
      case db::Result::Kind::end:
        throw std::runtime_error("the server did not begin the COPY that it was asked for");
    }
  }
}

bool Results::collect(db::Connection& server, Wait wait) {
  while (wait == Wait::yes || server.has_result()) {
    db::Result result = server.next_result();
    if (result.kind == db::Result::Kind::error && !refusal_) refusal_ = std::move(result.error);
    if (result.kind == db::Result::Kind::rows) rows_ = result.rows.size();
    if (result.kind != db::Result::Kind::end) continue;
    if (refusal_) throw db::ServerError(*std::exchange(refusal_, std::nullopt));
    return true;
  }
  return false;
}

}  // namespace weir::pg_load
