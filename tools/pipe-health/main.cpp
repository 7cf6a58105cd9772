// pipe-health: checks what stands around a pipeline.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <system_error>

#include "cli/app.hpp"
#include "cli/signals.hpp"
#include "options.hpp"
#include "report.hpp"

namespace {

using namespace weir;
using namespace weir::pipe_health;

void define_options(cli::App& app, Options& options) {
  app.example(
      "pipe-run --state seen.state -- 'csv-tail readings.csv | csv-append copy.csv' && pipe-health --check "
      "pipe=state:seen.state --max-age 1h",
      "Whether the last commit of a pipeline is less than an hour old; the exit status tells");
  app.example(
      "pipe-run --state seen.state -- 'csv-tail readings.csv | csv-append copy.csv' && pipe-health --check "
      "'state:seen.state?max-age=5m' | jq .epoch",
      "The last epoch that has been committed; the limit stands in the check itself");
  app.example(
      "pipe-run --state copy.state -- 'csv-tail readings.csv | csv-append copy.csv' && pipe-run --state days.state -- "
      "'csv-tail readings.csv | win-agg --every 1d | csv-append days.csv' && pipe-health --check copy=state:copy.state "
      "--check days=state:days.state",
      "Two pipelines, each by its name");
  options.define(app);
}

web::Response answer(const web::Request& request, const Checker& checker, const std::string& stages) {
  const auto now = std::chrono::system_clock::now();
  if (request.method != "GET" && request.method != "HEAD")
    return {.status = 405, .body = "GET is all there is\n", .headers = {{"Allow", "GET, HEAD"}}};
  if (request.path == "/livez") return {.body = "alive\n"};
  std::vector<State> states = checker.states();
  if (request.path == "/metrics") {
    MetricsPage page = metrics_page(states, now, request.header("accept").value_or(""), stages);
    return {.type = std::move(page.type), .body = std::move(page.body)};
  }
  if (request.path != "/healthz" && request.path != "/readyz" && request.path != "/health")
    return {.status = 404, .body = "there are /healthz, /readyz, /livez and /metrics\n"};
  if (const auto names = request.parameter("check")) {
    auto some = chosen(states, *names);
    if (!some) return {.status = 404, .body = "no check has that name; " + names_of(states) + '\n'};
    states = std::move(*some);
  }
  return {.status = are_healthy(states) ? 200 : 503,
          .type = "application/json",
          .body = health_page(states, now),
          .headers = {{"Cache-Control", "no-store"}}};
}

/// A check that is stuck in a library cannot be ended, and must not see the process's end.
cli::Exit leave(Checker& checker, cli::Exit status) {
  std::cout.flush();
  if (!checker.stop()) ::_exit(static_cast<int>(status));
  return status;
}

cli::Exit check_once(Checker& checker) {
  checker.wait_for_all();
  std::vector<State> states = checker.states();
  std::string lines;
  for (State& each : states) {
    if (!each.result) each.result = Result{.problem = each.target.place() + ": no answer within --timeout"};
    append_line(lines, each);
  }
  std::cout << lines << std::flush;
  if (!std::cout) throw std::runtime_error("standard output cannot be written");
  return leave(checker, are_healthy(states) ? cli::Exit::done : cli::Exit::failed);
}

cli::Exit serve(const Options& options, Checker& checker, cli::Context& context) {
  web::ServerOptions wanted = options.server;
  wanted.listen = options.listen;
  const web::Logins logins(wanted.secrets());
  web::Server server(
      wanted.settings(),
      {.handle =
           [&](web::Request& request) {
             // Whether the process lives is no secret.
             if (request.path != "/livez" && !logins.open() && !logins.know(request))
               return web::Answer{.response = {.status = 401,
                                               .body = "who are you?\n",
                                               .headers = {{"WWW-Authenticate", "Basic realm=\"weir\""}}}};
             return web::Answer{.response = answer(request, checker, options.stages)};
           },
       .skipped = [](std::uint64_t) { return std::string(); }},
      context.log);
  context.log.info(fmt::format("listening on {}:{}", wanted.address(), server.port()));
  std::error_code error;
  if (!options.stages.empty()) std::filesystem::directory_iterator(options.stages, error);
  if (error)
    context.log.warn(fmt::format("--stages {}: {}: figures are served once the folder is there and can be read",
                                 options.stages, error.message()));
  pollfd stop{cli::stop_descriptor(), POLLIN, 0};
  while (!cli::stop_requested()) ::poll(&stop, 1, -1);
  server.stop();
  return leave(checker, cli::Exit::done);
}

cli::Exit run(const Options& options, cli::Context& context) {
  const bool once = options.listen.empty();
  Checker checker(options.make(context), options.server.net.timeout, options.every,
                  once ? Checker::Often::once : Checker::Often::again);
  return once ? check_once(checker) : serve(options, checker, context);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(
      argc, argv, "pipe-health", "checks what stands around a pipeline", define_options,
      [](const Options& options) { options.validate(); }, run);
}
