// The stage of rec-enrich: looks records up in tables and adds what it finds.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/expression.hpp"
#include "lookups.hpp"
#include "pipeline/async_filter.hpp"
#include "pipeline/left_out.hpp"
#include "postgres_source.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "record/tokens.hpp"
#include "source.hpp"

namespace weir::rec_enrich {

struct Settings {
  TableOptions options;
  std::vector<std::string> sets;  ///< each `NAME=EXPRESSION`
  TimeSettings time;
  std::optional<Duration> reload;  ///< how often files are looked at, without state
  bool strict = false;
  ServerSettings server;
  std::vector<std::shared_ptr<Source>> sources{};  ///< one for each table, made before the stage
};

/// Writes each record with the members that its rows and expressions give. It is an AsyncFilter, since a source may
/// answer later, and no Filter, since tables are read again while it runs.
class RecEnrich : public AsyncFilter {
 public:
  /// Throws std::invalid_argument, naming the option.
  explicit RecEnrich(const Settings& settings);

  bool passes_lines() const { return true; }
  std::string hint() const;
  std::size_t most_in_flight() const override { return answers_later_ ? 4 * PostgresSource::batch : 1; }
  void start(Answers& answers) override;
  Verdict on_record(const Record& record, Ticket ticket) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void on_barrier() override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  using clock = std::chrono::steady_clock;
  /// A field of the record, or a member that an earlier lookup gives.
  struct Operand {
    FieldId id{};
    std::optional<std::size_t> lookup{};
    std::size_t member = 0;
    std::string text{};  ///< of a string with escapes
  };
  struct Lookup {
    LookupSettings settings;
    std::shared_ptr<Source> source;
    std::vector<Operand> key;
    std::optional<Operand> number;
    std::vector<FieldId> members;  ///< what records have by the names that it gives
    std::uint64_t misses = 0;
    // of the current record
    Outcome outcome = Outcome::missing;
    Found found{};
  };
  /// A record whose rows are still to come.
  struct Waiting {
    Ticket ticket{};
    std::uint64_t number = 0;
    std::string line;
  };
  struct Set {
    std::string name;
    FieldId id{};
    expr::Expression expression;
    std::vector<Operand> operands;
    std::string token{};
  };

  void add_lookup(LookupSettings settings, std::shared_ptr<Source> source);
  void add_set(const std::string& text);
  void check_names() const;
  Operand operand(const std::string& path);
  Value value_of(const Record& record, Operand& operand);
  std::string_view member(const Lookup& lookup, std::size_t number) const;
  void ask(const Record& record, Lookup& lookup, tables::Position now);
  Verdict resolve(const Record& record, Ticket ticket, bool& pending);
  void resolve_waiting();
  std::string miss_text(const Record& record, Lookup& lookup);
  bool replaces(const Record& record) const;
  void write(const Record& record);
  void reload();

  Settings settings_;
  std::vector<Lookup> lookups_;
  std::vector<Set> sets_;
  std::optional<TimeField> time_;
  Answers* answers_ = nullptr;
  Splicer splicer_;
  Unescaper unescaper_;
  LeftOut left_out_;
  std::vector<RecordMessage> messages_;
  std::vector<expr::Result> operands_;
  std::string key_, line_;
  bool answers_later_ = false;  ///< a source does
  std::deque<Waiting> waiting_;
  std::unique_ptr<RecordParser> parser_;  ///< of records that waited
  clock::time_point next_look_ = clock::time_point::max();
};

}  // namespace weir::rec_enrich
