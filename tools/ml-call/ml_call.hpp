// The stage of ml-call: records, or rows gathered from them, and the predictions that a model server gives.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caller.hpp"
#include "gather.hpp"
#include "inputs.hpp"
#include "model/model.hpp"
#include "pipeline/async_filter.hpp"
#include "protocol.hpp"
#include "record/group_key.hpp"
#include "record/object_writer.hpp"
#include "record/time_field.hpp"

namespace weir::ml_call {

/// What comes out for a record.
enum class Form : std::uint8_t {
  merged,     ///< the record with its prediction
  prediction  ///< a record of the prediction alone, with its inputs
};

struct Settings {
  CallerSettings caller;
  std::shared_ptr<model::Model> local;  ///< a model in this process, in place of a server
  ProtocolSettings protocol;
  std::vector<std::string> inputs;  ///< each as Input is written
  std::uint64_t batch = 1;          ///< rows in a request
  std::string name = "prediction";  ///< of the member
  Form form = Form::merged;
  std::string model;                    ///< its name in prediction records
  std::optional<std::string> fallback;  ///< stands for a prediction that there is none of; JSON
  std::optional<Duration> every;        ///< rows are gathered over intervals of this length
  std::vector<std::string> by;          ///< the fields of a key
  std::vector<std::string> require;     ///< fields without which there is no request
  std::string parameter;                ///< of long records: the field that names what is measured
  std::string value = "value";          ///< and the field with its value
  Duration lateness = Duration::zero();
  Gather::Clock clock = Gather::Clock::stream;
  std::uint64_t max_keys = 100'000;
  TimeSettings time;
};

/// For each input of the model the place of the one that it is given. Throws std::invalid_argument where they are not
/// the same, or a default is not a number.
std::vector<std::size_t> order_of(const model::Model& model, const std::vector<Input>& given);

/// Sends the inputs of each record to the server in batches, some requests at a time, and adds what it answers; or asks
/// a model in this process. Or gathers the latest readings of each key, and sends them when their interval is over.
class MlCall : public AsyncFilter {
 public:
  /// Throws std::invalid_argument, naming the option.
  explicit MlCall(const Settings& settings);

  bool passes_lines() const { return true; }
  FutureGuard* future_guard() override { return time_ ? &time_->guard() : nullptr; }
  std::size_t most_in_flight() const override { return settings_.batch * settings_.caller.in_flight; }
  void start(Answers& answers) override;
  Verdict on_record(const Record& record, Ticket ticket) override;
  bool on_watermark(Time time, Ticket ticket) override;
  bool on_end(Ticket ticket) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  /// A ticket, and what is still to come for it.
  struct Open {
    std::size_t left = 0;
    std::string lines;
    std::vector<std::string> parts{};  ///< of several jobs, in their order
  };
  /// One prediction to ask for.
  struct Job {
    Ticket ticket{};
    std::size_t part = 0;
    Row row;
    std::string line{};              ///< the record, to merge with; or the beginning of the prediction's record
    std::size_t at = 0, length = 0;  ///< in the line: what the record has by the prediction's name
  };
  using Batch = std::vector<Job>;

  Verdict take(const Record& record, Ticket ticket);
  Verdict gather(const Record& record, Ticket ticket);
  bool close(Ticket ticket, bool all);
  void add(Job job);
  void send(Batch batch, Tries tries = Tries::all);
  void predict(Batch batch);
  void give(const Answered& answered);
  void fail(Batch batch, const std::string& reason);
  void answer(Job& job, std::string_view prediction, std::string_view error);
  void part(const Job& job, std::string lines);

  Settings settings_;
  std::vector<Input> inputs_;
  std::vector<FieldId> ids_;           ///< of inputs_, in wide records
  std::vector<std::size_t> order_;     ///< of a model in this process: for each of its inputs the place in inputs_
  std::vector<std::size_t> required_;  ///< indexes of inputs_
  FieldId existing_{}, parameter_{}, value_{};
  GroupKey by_;
  std::optional<TimeField> time_;
  ProtocolCodec codec_;
  std::optional<Gather> gather_;
  Answers* answers_ = nullptr;
  std::unique_ptr<Caller> caller_;
  Splicer splicer_;

  Batch filling_;
  std::map<std::uint64_t, Batch> sent_;
  std::map<std::uint64_t, Open> open_;  ///< by ticket
  std::uint64_t last_id_ = 0;
  std::vector<Answered> done_;

  std::uint64_t failed_ = 0, lost_ = 0, incomplete_ = 0, other_ = 0;
};

}  // namespace weir::ml_call
