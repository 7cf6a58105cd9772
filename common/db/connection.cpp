#include "db/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace weir::db {
namespace {

using clock = std::chrono::steady_clock;
constexpr auto attempt_limit = std::chrono::seconds(10);
/// How often the stop request's check is called.
constexpr auto check_every = std::chrono::milliseconds(100);

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, FreeResult>;

/// A line break of libpq, with the blanks and the tab around it, becomes one blank.
std::string one_line(const char* text) {
  std::string line;
  bool broken = false;
  for (std::string_view rest = text == nullptr ? "" : text; !rest.empty(); rest.remove_prefix(1)) {
    const char c = rest.front();
    if (c == '\n')
      broken = true;
    else if (!broken || (c != ' ' && c != '\t')) {
      if (broken) {
        while (line.ends_with(' ')) line.pop_back();
        line += ' ';
      }
      broken = false;
      line += c;
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

ServerError::Report report_of(const PGresult* result) {
  const auto field = [&](int code) { return one_line(PQresultErrorField(result, code)); };
  ServerError::Report report{field(PG_DIAG_SQLSTATE),     field(PG_DIAG_MESSAGE_PRIMARY), field(PG_DIAG_MESSAGE_DETAIL),
                             field(PG_DIAG_MESSAGE_HINT), field(PG_DIAG_CONTEXT),         field(PG_DIAG_COLUMN_NAME)};
  if (report.message.empty()) report.message = one_line(PQresultErrorMessage(result));
  return report;
}

Result result_of(const PGresult* result) {
  Result out;
  switch (PQresultStatus(result)) {
    case PGRES_COPY_IN:
      out.kind = Result::Kind::copy_in;
      return out;
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE: {
      out.kind = Result::Kind::rows;
      const int columns = PQnfields(result);
      for (int row = 0; row < PQntuples(result); ++row) {
        auto& values = out.rows.emplace_back();
        for (int column = 0; column < columns; ++column) {
          if (PQgetisnull(result, row, column) != 0) {
            values.emplace_back();
          } else {
            values.emplace_back(std::string(PQgetvalue(result, row, column),
                                            static_cast<std::size_t>(PQgetlength(result, row, column))));
          }
        }
      }
      return out;
    }
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
      out.kind = Result::Kind::error;
      out.error = report_of(result);
      return out;
    default: {
      out.kind = Result::Kind::done;
      const std::string_view affected = PQcmdTuples(const_cast<PGresult*>(result));
      std::from_chars(affected.data(), affected.data() + affected.size(), out.affected);
      return out;
    }
  }
}

}  // namespace

struct Connection::Impl {
  Impl(const Target& the_target, const std::string& application, Notice the_notice)
      : parameters(connection_parameters(the_target, application)), notice(std::move(the_notice)) {}
  ~Impl() { close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void close() {
    if (handle != nullptr) PQfinish(handle);
    handle = nullptr;
  }

  [[noreturn]] void lost(const std::string& fallback) {
    std::string reason = handle == nullptr ? "" : one_line(PQerrorMessage(handle));
    close();
    throw ConnectionLost(reason.empty() ? fallback : reason);
  }

  PGconn* need() {
    if (handle == nullptr) throw ConnectionLost("there is no connection");
    return handle;
  }

  /// Waits for `events` on the connection (0: for none), until `until`. Returns what is ready, 0 when the time is over.
  short wait(int fd, short events, clock::time_point until) {
    for (;;) {
      const clock::time_point end = stopping ? std::min(until, clock::now() + check_every) : until;
      int limit = -1;
      if (end != clock::time_point::max()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()).count();
        limit = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
      }
      fds.assign(1, {fd, events, 0});
      if (!stopping) fds.insert(fds.end(), stop.descriptors.begin(), stop.descriptors.end());
      const int ready = ::poll(fds.data(), fds.size(), limit);
      if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
      const auto is_ready = [](const pollfd& each) { return each.revents != 0; };
      stopping = stopping || std::any_of(fds.begin() + 1, fds.end(), is_ready);
      if (stopping) stop.check();
      if (ready > 0 && fds[0].revents != 0) return fds[0].revents;
      if (ready <= 0 && clock::now() >= until) return 0;
    }
  }

  /// Waits until the connection can be read, or written while data waits to leave.
  void wait_for_server() {
    const int left = PQflush(need());
    if (left < 0) lost("the connection was lost");
    const short events = left > 0 ? POLLIN | POLLOUT : POLLIN;
    const short ready = wait(PQsocket(handle), events, clock::time_point::max());
    if ((ready & ~POLLOUT) != 0 && PQconsumeInput(handle) == 0) lost("the connection was lost");
  }

  PGconn* handle = nullptr;
  std::vector<std::pair<std::string, std::string>> parameters;
  StopRequest stop;
  Notice notice;
  bool stopping = false;
  std::vector<pollfd> fds;
};

Connection::Connection(const Target& target, const std::string& application, Notice notice)
    : impl_(std::make_unique<Impl>(target, application, std::move(notice))) {}
Connection::~Connection() = default;

void Connection::set_stop(StopRequest stop) { impl_->stop = std::move(stop); }

void Connection::open() {
  Impl& impl = *impl_;
  impl.close();
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : impl.parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  impl.handle = PQconnectStartParams(keywords.data(), values.data(), 1);
  if (impl.handle == nullptr) throw std::bad_alloc();
  PQsetNoticeReceiver(
      impl.handle,
      [](void* self, const PGresult* result) {
        const auto* owner = static_cast<Impl*>(self);
        if (owner->notice) owner->notice(one_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
      },
      &impl);
  const auto until = clock::now() + attempt_limit;
  auto state = PQstatus(impl.handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    if (impl.wait(PQsocket(impl.handle), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until) == 0) {
      impl.close();
      throw ConnectionLost("the server did not answer within 10s");
    }
    state = PQconnectPoll(impl.handle);
  }
  if (state != PGRES_POLLING_OK) {
    const std::string reason = one_line(PQerrorMessage(impl.handle));
    impl.close();
    // PQping tells a server that is not ready (starting, stopping, away) from one that refuses us.
    if (PQpingParams(keywords.data(), values.data(), 1) == PQPING_OK) throw ConnectionRefused(reason);
    throw ConnectionLost(reason);
  }
  PQsetnonblocking(impl.handle, 1);
  query(
      "SET client_min_messages = warning; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET extra_float_digits = "
      "3");
}

void Connection::close() { impl_->close(); }

bool Connection::is_open() const { return impl_->handle != nullptr; }

void Connection::send(const std::string& statements) {
  if (PQsendQuery(impl_->need(), statements.c_str()) == 0) impl_->lost("the statement could not be sent");
}

Result Connection::next_result() {
  Impl& impl = *impl_;
  while (PQflush(impl.need()) > 0 || PQisBusy(impl.handle) != 0) impl.wait_for_server();
  const ResultHandle handle(PQgetResult(impl.handle));
  if (PQstatus(impl.handle) == CONNECTION_BAD) impl.lost("the connection was lost");
  if (handle == nullptr) return {};
  Result result = result_of(handle.get());
  // 57P01 to 57P03: the server is going down, or someone ends this session; libpq may see the end of the connection
  // only later.
  if (result.kind == Result::Kind::error && result.error.sqlstate.starts_with("57P")) {
    impl.close();
    throw ConnectionLost(result.error.message);
  }
  return result;
}

bool Connection::has_result() {
  Impl& impl = *impl_;
  const int left = PQflush(impl.need());
  if (left < 0) impl.lost("the connection was lost");
  if (PQconsumeInput(impl.handle) == 0) impl.lost("the connection was lost");
  return left == 0 && PQisBusy(impl.handle) == 0;
}

Rows Connection::collect() {
  Rows rows;
  std::optional<ServerError::Report> error;
  for (;;) {
    Result result = next_result();
    if (result.kind == Result::Kind::end) break;
    if (result.kind == Result::Kind::rows) rows = std::move(result.rows);
    if (result.kind == Result::Kind::error && !error) error = std::move(result.error);
  }
  if (error) throw ServerError(std::move(*error));
  return rows;
}

Rows Connection::query(const std::string& statements) {
  send(statements);
  return collect();
}

Rows Connection::query(const std::string& statement, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  if (PQsendQueryParams(impl_->need(), statement.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                        nullptr, nullptr, 0) == 0)
    impl_->lost("the statement could not be sent");
  return collect();
}

bool Connection::try_put_copy(std::string_view data) {
  const int left = PQflush(impl_->need());
  if (left < 0) impl_->lost("the connection was lost");
  if (left > 0) {
    // What the server sends must be read meanwhile, or both sides may wait for each other.
    if (PQconsumeInput(impl_->handle) == 0) impl_->lost("the connection was lost");
    return false;
  }
  const int taken = PQputCopyData(impl_->handle, data.data(), static_cast<int>(data.size()));
  if (taken < 0) impl_->lost("the connection was lost");
  return taken == 1;
}

void Connection::put_copy(std::string_view data) {
  while (!try_put_copy(data)) impl_->wait_for_server();
}

void Connection::flush() {
  while (PQflush(impl_->need()) > 0) impl_->wait_for_server();
}

void Connection::rollback() {
  if (PQtransactionStatus(impl_->need()) != PQTRANS_IDLE) query("ROLLBACK");
}

void Connection::end_copy() {
  for (;;) {
    const int taken = PQputCopyEnd(impl_->need(), nullptr);
    if (taken < 0) impl_->lost("the connection was lost");
    if (taken == 1) break;
    impl_->wait_for_server();
  }
  if (PQflush(impl_->handle) < 0) impl_->lost("the connection was lost");
}

pollfd Connection::descriptor() const {
  if (impl_->handle == nullptr) return {-1, 0, 0};
  const bool pending = PQflush(impl_->handle) > 0;
  return {PQsocket(impl_->handle), static_cast<short>(pending ? POLLIN | POLLOUT : POLLIN), 0};
}

void Connection::pause(std::chrono::milliseconds limit) { impl_->wait(-1, 0, clock::now() + limit); }

std::string Connection::identifier(std::string_view name) const {
  char* const quoted = PQescapeIdentifier(impl_->need(), name.data(), name.size());
  if (quoted == nullptr) throw ServerError({"22021", one_line(PQerrorMessage(impl_->handle)), "", "", "", ""});
  std::string out = quoted;
  PQfreemem(quoted);
  return out;
}

std::string Connection::literal(std::string_view text) const {
  char* const quoted = PQescapeLiteral(impl_->need(), text.data(), text.size());
  if (quoted == nullptr) throw ServerError({"22021", one_line(PQerrorMessage(impl_->handle)), "", "", "", ""});
  std::string out = quoted;
  PQfreemem(quoted);
  return out;
}

int Connection::server_version() const { return PQserverVersion(impl_->need()); }

std::string Connection::name() const {
  const auto text = [](const char* value) { return std::string_view(value == nullptr ? "" : value); };
  PGconn* const handle = impl_->need();
  return fmt::format("{}@{}:{}/{}", text(PQuser(handle)), text(PQhost(handle)), text(PQport(handle)),
                     text(PQdb(handle)));
}

}  // namespace weir::db
