// The options of sources that answer requests. For main.cpp alone.
#pragma once
#include <chrono>
#include <string>

#include "cli/time_options.hpp"
#include "pipeline/options.hpp"
#include "pipeline/spooled_options.hpp"
#include "requests/request_spool.hpp"

namespace weir {

/// What becomes of requests and their records. Tools declare the parts in the order of their help.
struct RequestOptions {
  requests::RequestSettings requests;
  SpooledSettings spooled;
  std::uint64_t max_body = 16 << 20;
  std::uint64_t max_queue = 64 << 20;
  Duration answer_time = std::chrono::seconds(30);

  /// `late` completes the help of --answer-timeout, `remembered` that of --remember.
  void define_requests(cli::App& app, const std::string& body, const std::string& late, const std::string& remembered) {
    using requests::Acknowledge;
    app.size("--max-body", max_body, body).at_least(1024).may_change();
    app.choice("--ack", requests.acknowledge, {{"spool", Acknowledge::spool}, {"commit", Acknowledge::commit}},
               "Answer when records are on the disk (without --state: written), or when the sink has committed them")
        .may_change();
    app.option("--answer-timeout", answer_time, "Longest time until an answer; then " + late).may_change();
    app.option("--remember", requests.remember, remembered).at_least(1).at_most(10'000'000).may_change();
    app.option("--count", spooled.count, "End after this many records; with --state, of all runs")
        .at_least(1)
        .may_change();
  }

  void define_records(cli::App& app) {
    app.field("--stamp", requests.arrival.stamp, "Add the time of receipt as this field, unless the record has it");
    app.choice("--nan", requests.nan, {{"reject", NanTokens::rejected}, {"null", NanTokens::null}},
               "NaN and infinity, which are not JSON: reject the record, or make them null");
    cli::define_source_time(app, requests.arrival.time, "a record");
  }

  /// Among the limits; with the options of every source.
  void define_store(cli::App& app, SourceOptions& source) {
    app.size("--max-queue", max_queue, "Memory for requests that wait; beyond it senders are told to come again")
        .at_least(1 << 16)
        .may_change();
    source.define_with_rejects(app);
    cli::define_spool_limit(app, spooled);
  }

  /// Checks what belongs together; throws UsageError.
  void validate(const SourceOptions& source) const {
    if (requests.acknowledge == requests::Acknowledge::commit && !source.state.on())
      throw cli::UsageError("--ack commit needs --state: without it nothing tells what the sink has committed");
    cli::check_source_time(requests.arrival.time);
  }

  requests::RequestSettings request_settings(const SourceOptions& source) const {
    requests::RequestSettings made = requests;
    made.max_line = source.rejects.max_line;
    return made;
  }
  std::chrono::milliseconds answer_milliseconds() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(answer_time);
  }
};

}  // namespace weir
