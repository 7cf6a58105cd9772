// Writes matches: their measures, and their records.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conditions.hpp"
#include "pipeline/output.hpp"
#include "query.hpp"
#include "record/group_key.hpp"
#include "record/object_writer.hpp"

namespace weir::cep_match {

/// A match, or a partial one whose time is up.
struct Match {
  std::string_view key;
  RowId start = no_row;
  NodeId last = no_node;     ///< no_node: an empty match
  Time end{};                ///< when it was complete
  std::uint64_t number = 0;  ///< of its key, from 1
  bool timed_out = false;
};

/// Turns matches into lines.
class MatchWriter {
 public:
  /// Keeps references to all but the timeouts. `names` are the places, among the values of a row, of members that have
  /// the names of what is added.
  MatchWriter(const Query& query, const GroupKey& group, TargetReader& reader, std::vector<std::uint32_t> names,
              Timeouts timeouts);

  /// The names of what all() adds to records, in their order.
  static std::vector<std::string> added_names(const Query& query, Timeouts timeouts);

  void write(const Match& match, const History& history, Output& out);
  /// A record that belongs to no match.
  void write_unmatched(RowId row, Output& out);

  /// Measures that had no result because of a value's type, and a message on the first.
  std::uint64_t failed() const { return failed_; }
  const std::string& failure() const { return failure_; }
  void state(StateArchive& archive) { archive.value(failed_); }

 private:
  struct Step {
    RowId row;
    std::uint32_t label;
    bool excluded;
  };
  void gather(const Match& match, const History& history);
  void write_one(const Match& match, Output& out);
  void write_all(const Match& match, Output& out);
  void write_row(RowId row, const std::vector<std::string>& tokens, Output& out);
  void evaluate(const Measure& measure, const Match& match, std::size_t upto, std::string& token);
  expr::Result operand(const Reference& reference, const Match& match, std::size_t upto);
  std::optional<std::size_t> find(const Reference& reference, std::size_t upto) const;
  const Reference* plain(const Measure& measure) const;

  const Query& query_;
  const GroupKey& group_;
  TargetReader& reader_;
  std::vector<std::uint32_t> names_;
  std::vector<std::string> added_;
  Timeouts timeouts_;
  std::vector<Step> steps_;  ///< of the current match
  std::vector<expr::Result> operands_;
  std::vector<std::string> texts_;
  std::vector<std::string> tokens_;
  Splicer splicer_;
  std::uint64_t failed_ = 0;
  std::string failure_;
};

}  // namespace weir::cep_match
