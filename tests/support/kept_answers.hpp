// The answers of an AsyncFilter, kept for tests.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kept_log.hpp"
#include "pipeline/async_filter.hpp"

namespace weir::test {

/// What a filter has answered, by ticket: lines, or `! ` and the reason of a reject.
struct KeptAnswers final : Answers {
  void answer(Ticket ticket, std::string_view lines) override { answers[static_cast<std::uint64_t>(ticket)] = lines; }
  void reject(Ticket ticket, std::string reason) override {
    answers[static_cast<std::uint64_t>(ticket)] = "! " + reason;
  }
  void note(Ticket, const RecordMessage& message) override { notes.push_back(message.text); }
  bool keeps_state() const override { return state; }
  Log& log() override { return kept; }

  std::map<std::uint64_t, std::string> answers;
  std::vector<std::string> notes;
  KeptLog kept;
  bool state = false;
};

}  // namespace weir::test
