// Where a lookup finds what it adds.
#pragma once
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/wait.hpp"
#include "record/log.hpp"
#include "tables/table_file.hpp"

namespace weir::rec_enrich {

/// What a lookup asks for.
struct Question {
  std::string_view key;     ///< all parts (tables::append_key)
  tables::Position at = 0;  ///< in the order of the rows, where they have one; else the record's time, where it is read
};

/// The members that a record gets; views live until the source is asked again.
struct Found {
  std::string_view members;  ///< `,"a":1,"b":"x"`
  tables::Ends ends;
};

enum class Outcome : std::uint8_t {
  found,
  missing,
  pending  ///< asked for: the same question is asked again once answers have come
};

/// A table of any kind. The later parts are of those that answer later.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  virtual const std::string& name() const = 0;
  /// Of the members that it gives.
  virtual const std::vector<std::string>& names() const = 0;
  /// The length of `,"name":` before a member's token.
  virtual std::size_t opening(std::size_t member) const = 0;
  virtual Outcome find(const Question& question, Found& found) = 0;

  /// Of a file: reads it where it has changed since, and returns what it has then. Throws tables::TableError; what was
  /// read before stays in use.
  virtual std::optional<std::string> look() { return std::nullopt; }
  virtual tables::Content content() const { return {}; }
  /// What is reported of it at the start; empty: nothing.
  virtual std::string hint() const { return {}; }

  virtual void start(Log& log) { static_cast<void>(log); }
  /// Moves on what is under way, without waiting. Returns whether answers have come.
  virtual bool move_on() { return false; }
  /// What it waits for, and for how long at most.
  virtual void waits_for(std::vector<pollfd>& own, WaitLimit& limit) const {
    static_cast<void>(own);
    static_cast<void>(limit);
  }
};

}  // namespace weir::rec_enrich
