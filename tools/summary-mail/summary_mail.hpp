// The sink: keeps the last day's readings, and sends the mails at the end of the input.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "editor.hpp"
#include "pipeline/left_out.hpp"
#include "pipeline/outbox_sink.hpp"
#include "postman.hpp"
#include "readings.hpp"
#include "record/log.hpp"
#include "record/time_field.hpp"
#include "sent_log.hpp"
#include "subscribers/subscribers.hpp"
#include "weather/reading_fields.hpp"

namespace weir::summary_mail {

/// The fields of a reading, but for its time.
struct ReadingFields : weather::ReadingFields {
  std::string city = "city";
  std::string pressure = "pressure";
};

/// Mails that are due, kept in the snapshot.
struct DueMails {
  Time now{};
  std::vector<Subscriber> subscribers;

  void state(StateArchive& archive);
};

/// Collects readings; finish() sends the mails.
class SummaryMail : public OutboxSink {
 public:
  /// The treatment of sent mails.
  enum class Noting : std::uint8_t {
    write,   ///< every accepted mail is noted
    look_up  ///< notes are read and none is added (--dry-run)
  };

  struct Settings {
    ReadingFields fields;
    TimeSettings time;
    Readings::Limits limits;
    Editor::Settings editor;
    RetryRules retries;
    bool strict = false;   ///< a value of the wrong type rejects its record
    std::string sent_log;  ///< path; empty: no file
    Noting noting = Noting::write;
  };

  /// The world outside, replaced in tests.
  struct World {
    /// Sends a mail.
    std::function<smtp::Delivery(const std::string& from, const std::string& to, const std::string& message)> send;
    /// Whether a stop was requested.
    std::function<bool()> stop;
    std::function<Time()> now;
    Postman::clock::time_point (*steady)() = &Postman::clock::now;
  };

  SummaryMail(Settings settings, std::vector<Subscriber> subscribers, World world, Log& log);

  FutureGuard* future_guard() override { return &time_.guard(); }
  std::vector<NamedField> named_fields() const override;
  Verdict on_record(const Record& record) override;
  std::vector<RecordMessage>* messages() override { return &messages_; }
  CountReport counts() const override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  bool sends_partial_input() const override { return false; }

  /// With checkpoints: at the end of input the last epoch's snapshot has the readings, the subscribers and the time of
  /// the mails; committing it sends them. Sent mails are noted in the state folder unless --sent names a file.
  void start(SinkHost& host) override;
  Repeat repeat() const override { return Repeat::visible; }
  std::uint64_t held_bytes() const override { return 0; }  // Readings has its own limits
  void on_end() override { due_ = DueMails{world_.now(), subscribers_}; }
  void seal() override {}
  void state(StateArchive& archive) override { archive.values(readings_, due_); }
  void restored(LastEpoch last) override;
  bool carry_out(std::uint64_t epoch) override;

  bool failed() const override { return failed_ > 0; }

  std::size_t sent() const { return sent_; }

 private:
  Time now() const { return due_ ? due_->now : world_.now(); }
  const std::vector<Subscriber>& due_subscribers() const { return due_ ? due_->subscribers : subscribers_; }
  SentNote note_of(const Subscriber& subscriber, std::string& date) const;
  Verdict read_values(const Record& record, Reading& reading, std::string_view& description);
  bool begin();
  void make_postman();
  std::optional<smtp::Delivery> send(std::size_t mail);
  void on_sent(std::size_t mail);
  void on_refused(std::size_t mail, const std::string& why);

  Settings settings_;
  std::vector<Subscriber> subscribers_;
  World world_;
  Log& log_;
  TimeField time_;
  FieldId city_;
  FieldId temperature_;
  FieldId humidity_;
  FieldId pressure_;
  FieldId wind_;
  FieldId weather_;
  LeftOut left_out_;
  std::vector<RecordMessage> messages_{};
  Readings readings_;
  std::optional<Editor> editor_;          ///< of the mails under way
  std::optional<DueMails> due_;                ///< with checkpoints
  std::vector<Subscriber> recipients_{};  ///< of the mails under way
  std::optional<SentLog> sent_log_;
  std::optional<Postman> postman_;
  bool waiting_for_sent_log_ = false;
  std::size_t sent_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace weir::summary_mail
