#include "topics.hpp"

namespace weir::kafka_pub {
namespace {

/// The time that brokers get to make a topic by themselves, before its limit is taken for unknown.
constexpr std::chrono::milliseconds making(300);
/// The pause between two looks.
constexpr std::chrono::milliseconds pause(50);

}  // namespace

Topics::Topics(kafka::Settings connection, std::optional<kafka::NewTopic> wanted, SinkHost& host)
    : connection_(std::move(connection)), wanted_(std::move(wanted)), host_(host) {}

const std::string& Topics::make(const std::string& name) {
  if (const auto known = made_.find(name); known != made_.end()) return known->second;
  kafka::NewTopic wanted = *wanted_;
  wanted.name = name;
  std::string problem;
  try {
    kafka::Admin(connection_, host_.log(), [this] { host_.check_stop(); }).make_topic(wanted);
  } catch (const kafka::TopicRefused& refused) {
    problem = refused.what();
  }
  return made_.emplace(name, std::move(problem)).first->second;
}

void Topics::make_for_letters(const std::string& name) {
  kafka::NewTopic wanted = *wanted_;
  wanted.name = name;
  wanted.configuration.clear();
  kafka::Admin(connection_, host_.log(), [this] { host_.check_stop(); }).make_topic(wanted);
}

std::uint64_t Topics::limit_of(kafka::Producer& producer, const std::string& name) {
  for (const auto until = clock::now() + making;;) {
    const kafka::Producer::Found found = producer.prepare(name);
    if (found.partitions > 0)
      if (const auto bytes = producer.learn_limit(name, [this] { host_.check_stop(); })) return *bytes;
    const bool answered = found.partitions > 0 || !found.problem.empty();
    if (answered && clock::now() >= until) return 0;
    producer.wait({}, pause);
    host_.check_stop();
  }
}

void Topics::note(const std::string& name) {
  if (name == last_) return;
  last_ = name;
  if (!known_.insert(name).second) return;
  new_.push_back(name);
  unsettled_.push_back(name);
}

/// Whether it is known if the topic is there.
bool Topics::is_settled(kafka::Producer& producer, const std::string& name) {
  const kafka::Producer::Found found = producer.prepare(name);
  if (found.partitions > 0) {
    missing_.erase(name);
    producer.learn_limit(name, [this] { host_.check_stop(); });
    return true;
  }
  if (found.problem.empty()) return false;  // the brokers have not answered
  const auto since = looked_since_.try_emplace(name, clock::now()).first->second;
  if (found.missing && !missing_.contains(name) && clock::now() - since < kafka::propagation) return false;
  missing_[name] = found.problem;
  return true;
}

bool Topics::look(kafka::Producer& producer) {
  if (unsettled_.empty()) return true;
  if (clock::now() < next_look_) return false;
  std::erase_if(unsettled_, [&](const std::string& name) { return is_settled(producer, name); });
  next_look_ = unsettled_.empty() ? clock::time_point() : clock::now() + pause;
  return unsettled_.empty();
}

void Topics::look_again(kafka::Producer& producer, const std::string& name) {
  while (!is_settled(producer, name)) {
    producer.wait({}, pause);
    host_.check_stop();
  }
}

const std::string* Topics::problem_of(const std::string& name) const {
  const auto found = missing_.find(name);
  return found == missing_.end() ? nullptr : &found->second;
}

}  // namespace weir::kafka_pub
