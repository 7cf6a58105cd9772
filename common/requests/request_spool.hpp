// The records of requests as lines of a spool.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/arrival_shaper.hpp"
#include "record/payload_reader.hpp"
#include "requests/body_reader.hpp"
#include "requests/repeats.hpp"
#include "requests/report.hpp"

namespace weir::requests {

/// When a sender gets its answer.
enum class Acknowledge : std::uint8_t {
  spool,  ///< when its records are on the disk; without --state, written to standard output
  commit  ///< when the sink has committed them
};

struct RequestSettings {
  ArrivalSettings arrival{};
  NanTokens nan = NanTokens::rejected;
  std::size_t max_line = 1 << 20;
  std::uint64_t remember = 10'000;       ///< ids of requests
  Duration lifetime = Duration::zero();  ///< for which an id is remembered; zero: no limit
  Acknowledge acknowledge = Acknowledge::spool;
};

/// The records of a request that are taken, or known, together.
struct Unit {
  std::string id{};    ///< empty: none
  std::string body{};  ///< the body's digest, where the same id must come with the same body
  std::vector<Piece> pieces{};
};

/// Makes lines of requests and reads them again. Each unit is stored as a note with its id, where it has one, then a
/// line for each record or reject, then a note with its ticket where its answer waits for the commit.
class RequestSpool {
 public:
  using Add = std::function<void(std::string_view line)>;

  /// `fields` are those that the tool reads of read(). Throws std::invalid_argument, naming the option.
  RequestSpool(const RequestSettings& settings, FieldSet fields);

  /// Where lines are added to; called once, before all else.
  void start(Add add) { add_ = std::move(add); }

  /// A line that an earlier run has stored.
  void stored(std::string_view line);
  /// To be called before what a run receives: a crash may have cut off the last request.
  void begin();

  /// The record of a piece, or nullptr.
  const Record* read(std::string_view json) { return payload_.read(json); }
  Repeats::Known* known(std::string_view id, Time now) { return repeats_.find(id, now); }

  /// The id of a request that a crash has cut off, whose id begins so and whose body is this one; or nothing.
  std::optional<std::string> cut_off(std::string_view beginning, std::string_view body, Time now);
  /// Remembers an id whose records were taken under another one.
  void add_alias(std::string_view id, Time received);

  /// Adds the records of a unit that are not known yet; returns how many lines. `texts` are those of ArrivalSettings.
  std::uint64_t take(std::string_view path, const Unit& unit, std::span<const std::optional<std::string_view>> texts,
                     std::string_view counted, Time received, Report& report);
  void add_reject(std::string_view path, std::string_view raw, std::string_view reason);
  /// Notes that an answer waits until what stands before it is committed.
  void add_answer(std::uint64_t ticket);

  /// What a line is.
  struct Line {
    enum class Kind : std::uint8_t { record, reject, note, answer };
    Kind kind = Kind::note;
    std::string_view record{};
    std::string_view path{}, raw{}, reason{};  ///< of a reject
  };
  /// Reads a line; its views live as long as it and until the next call. Throws state::Unusable.
  Line line(std::string_view line);

  void state(StateArchive& archive) { repeats_.state(archive); }

 private:
  std::uint64_t add_piece(std::string_view path, const Piece& piece,
                          std::span<const std::optional<std::string_view>> texts, std::string_view counted,
                          Time received, Repeats::Known* known, Report& report);
  void note_stored(std::string_view rest);

  FieldSet fields_;
  ArrivalShaper shaper_;
  PayloadReader payload_;
  Repeats repeats_;
  std::size_t max_line_;
  std::string run_;  ///< sets this run's tickets apart from those of earlier runs
  Add add_;
  std::optional<std::vector<std::string>> cut_off_;  ///< ids of earlier runs; nothing: not looked for yet
  std::string stored_id_;                            ///< the request whose lines come next among those stored
  std::string json_line_, line_, plain_;
};

}  // namespace weir::requests
