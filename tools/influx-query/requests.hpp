// The requests of queries, as each version of the server takes them.
#pragma once
#include <string>

#include "net/http/client.hpp"
#include "net/influx/server_options.hpp"
#include "query_receiver.hpp"
#include "query_text.hpp"

namespace weir::influx_query {

/// What is asked for, and of whom.
struct Question {
  influx::ServerOptions server;
  Selection selection;
  std::string text;  ///< a query of the user's own, instead of a selection
  Language language = Language::influxql;
};

/// The language in which a server is asked for a selection.
Language language_of(influx::Version version);

/// Throws std::invalid_argument, naming the option, where the server cannot be asked this.
void check(const Question& question, bool again_and_again);

Answers answers_of(const Question& question);
http::Request request_for(const Question& question, const Span& span);

}  // namespace weir::influx_query
