// http-recv as a receiver: the server, and records from requests.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer.hpp"
#include "body_reader.hpp"
#include "door.hpp"
#include "net/http_server/server.hpp"
#include "pipeline/spooled_source.hpp"
#include "record/arrival_shaper.hpp"
#include "record/payload_reader.hpp"
#include "repeats.hpp"

namespace weir::http_recv {

/// When a sender gets its answer.
enum class Acknowledge : std::uint8_t {
  spool,  ///< when its records are on the disk; without --state, written to standard output
  commit  ///< when the sink has committed them
};

struct Settings {
  SpooledSettings spooled;
  DoorSettings door;
  Format format = Format::unknown;  ///< unknown: by content type, path and first byte
  ArrivalSettings arrival;
  NanTokens nan = NanTokens::rejected;
  std::size_t max_line = 1 << 20;
  std::uint64_t remember = 10'000;  ///< ids of requests
  Acknowledge acknowledge = Acknowledge::spool;
};

/// Takes requests. Each is stored as a note with its id, where it has one, then a line for each record or reject, then
/// a note with its ticket where its answer waits for the commit.
class HttpReceiver : public Receiver {
 public:
  using Now = std::function<Time()>;

  /// `secrets` are those of web::Logins, `signing_key` that of signatures; empty: none is asked for. Throws
  /// std::invalid_argument, naming the option.
  HttpReceiver(Settings settings, web::Settings server, std::vector<std::string> secrets, std::string signing_key,
               Now now);
  ~HttpReceiver() override;

  void start(SourceHost& host, Inbox& inbox) override;
  void stored(std::string_view line) override;
  bool receive(std::uint64_t most) override;
  void acknowledge() override;
  void committed(std::uint64_t lines) override;
  bool waits_for_commit() const override { return settings_.acknowledge == Acknowledge::commit; }
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  Emitted emit(std::string_view line, std::uint64_t number, Output& out) override;
  void close() override;
  void state(StateArchive& archive) override { repeats_.state(archive); }

 private:
  struct Pending {
    std::uint64_t ticket;
    web::Response response;
    bool commits = false;     ///< the answer waits for the commit
    std::uint64_t lines = 0;  ///< that must be committed
  };
  struct Unit {
    std::string id;    ///< empty: none
    std::string body;  ///< the body's digest, where the same id must come with the same body
    std::vector<Piece> pieces;
  };
  std::uint64_t take(const Delivery& delivery);
  std::uint64_t refuse_body(const Delivery& delivery, int status, std::string_view reason);
  std::vector<Unit> units_of(const web::Request& request);
  std::uint64_t take_unit(const web::Request& request, const Unit& unit, Report& report);
  std::uint64_t add_piece(const web::Request& request, const Piece& piece, Repeats::Known* known, Report& report);
  void add_reject(std::string_view path, std::string_view raw, std::string_view reason);
  void reply_later(std::uint64_t ticket, web::Response response, std::uint64_t lines);
  void reply(std::vector<Pending> done);

  Settings settings_;
  web::Settings server_settings_;
  Door door_;
  Now now_;
  FieldSet fields_;
  FieldId event_id_, event_source_;
  ArrivalShaper shaper_;
  PayloadReader payload_;
  BodyReader body_;
  Repeats repeats_;
  std::string run_;  ///< sets this run's tickets apart from those of earlier runs
  SourceHost* host_ = nullptr;
  Inbox* inbox_ = nullptr;
  std::vector<Pending> unsafe_;      ///< answered when what was received is safe
  std::deque<Pending> emitting_;     ///< their notes have not been emitted
  std::deque<Pending> uncommitted_;  ///< answered when so many lines are committed
  std::uint64_t committed_lines_ = 0;
  std::string stored_id_;  ///< the request whose lines come next among those stored
  std::vector<std::optional<std::string_view>> texts_;
  std::string inflated_, json_line_, line_, plain_;
  std::unique_ptr<web::Server> server_;
};

}  // namespace weir::http_recv
