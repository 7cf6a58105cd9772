#include "net/kafka/consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "net/kafka/handle.hpp"
#include "net/kafka/hidden_messages.hpp"
#include "net/kafka/queue_room.hpp"

namespace weir::kafka {
namespace {

/// How long the brokers may take for an answer before the caller gets its turn.
constexpr int answer_ms = 500;
constexpr std::size_t batch = 1000;
/// With so many messages in its queue the library asks for no more, unless -X queued.min.messages tells otherwise.
constexpr std::size_t usually_queued = 5000;
/// Bytes that one answer may bring of each partition; the library's own default of 1 MiB fills its queue far beyond.
constexpr const char* usual_fetch = "262144";

struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using ArrivedMessage = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

PartitionList list_of(const Offsets& offsets) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset = offset;
  return list;
}

Offsets offsets_of(const std::vector<Partition>& partitions, std::int64_t offset) {
  Offsets offsets;
  for (const Partition& partition : partitions) offsets[partition] = offset;
  return offsets;
}

std::optional<std::string_view> view(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

struct Consumer::Impl {
  Impl(const Settings& wanted, Log& messages)
      : settings(wanted), log(messages), connection(wanted.connection, messages) {
    Conf conf = common_configuration(settings.connection);
    set(*conf, "group.id", settings.group.empty() ? "weir" : settings.group);
    set(*conf, "enable.auto.commit", "false");
    set(*conf, "enable.auto.offset.store", "false");
    set(*conf, "auto.offset.reset", "error");
    set(*conf, "enable.partition.eof", "true");
    set(*conf, "queued.min.messages", std::to_string(usually_queued));
    set(*conf, "fetch.message.max.bytes", usual_fetch);
    set(*conf, "isolation.level",
        settings.isolation == Isolation::read_committed ? "read_committed" : "read_uncommitted");
    for (const auto& [name, value] : settings.connection.properties) set(*conf, name, value);
    rd_kafka_conf_set_opaque(conf.get(), &connection);
    rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
      static_cast<Connection*>(opaque)->on_error(static_cast<rd_kafka_resp_err_t>(code), reason);
    });
    std::array<char, 32> queued{};
    std::size_t size = queued.size();
    std::size_t most_queued = usually_queued;
    if (rd_kafka_conf_get(conf.get(), "queued.min.messages", queued.data(), &size) == RD_KAFKA_CONF_OK)
      std::from_chars(queued.data(), queued.data() + queued.size(), most_queued);
    room.emplace(most_queued);
    std::array<char, 512> reason{};
    client.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason.data(), reason.size()));
    if (!client) throw Refused(reason.data());
    static_cast<void>(conf.release());  // the client owns it now
    rd_kafka_poll_set_consumer(client.get());
    queue.reset(rd_kafka_queue_get_consumer(client.get()));
    wakeup.emplace(*queue);
  }

  /// Whether the brokers have answered. Throws where they refuse.
  bool answered(rd_kafka_resp_err_t code) {
    connection.check();
    switch (code) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        connection.on_answer();
        return true;
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        throw Refused(rd_kafka_err2str(code));
      default:
        return false;
    }
  }

  /// Reads the offsets of a list that the brokers have filled in.
  static Offsets filled(const rd_kafka_topic_partition_list_t& list) {
    Offsets offsets;
    for (int i = 0; i < list.cnt; ++i) {
      const rd_kafka_topic_partition_t& each = list.elems[i];
      if (each.err == RD_KAFKA_RESP_ERR_NO_ERROR && each.offset >= 0)
        offsets[{each.topic, each.partition}] = each.offset;
    }
    return offsets;
  }

  Taken use(const rd_kafka_message_t& message, ConsumerHandler& handler);
  void look_for_hidden();
  void fetch(std::size_t most);
  void wake_fetcher();

  Settings settings;
  Log& log;
  HiddenMessages hidden;
  HiddenMessages::clock::time_point look_at;
  Connection connection;
  Handle client;
  Queue queue;
  std::optional<Wakeup> wakeup;
  ReceivedMessage received;
  std::vector<ArrivedMessage> arrived;  ///< from the queue; those before next_arrived have been taken
  std::size_t next_arrived = 0;
  std::vector<Partition> assigned;
  std::size_t next_woken = 0;  ///< of them
  std::optional<QueueRoom> room;
};

Consumer::Consumer(const Settings& settings, Log& log) : impl_(std::make_unique<Impl>(settings, log)) {}
Consumer::~Consumer() = default;

std::optional<std::vector<Partition>> Consumer::partitions(const std::function<bool(const std::string&)>& matches) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(impl_->client.get(), 1, nullptr, &raw, answer_ms);
  const Metadata metadata(raw);
  impl_->fetch(batch);  // errors of connections wait in the queue; rd_kafka_poll() must not take messages from it
  if (!impl_->answered(code)) return std::nullopt;
  std::vector<Partition> found;
  for (int t = 0; t < metadata->topic_cnt; ++t) {
    const rd_kafka_metadata_topic& topic = metadata->topics[t];
    if (!matches(topic.topic)) continue;
    if (!impl_->answered(topic.err)) return std::nullopt;
    for (int p = 0; p < topic.partition_cnt; ++p) found.push_back({topic.topic, topic.partitions[p].id});
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<std::pair<std::int64_t, std::int64_t>> Consumer::limits(const Partition& partition) {
  std::int64_t low = 0;
  std::int64_t high = 0;
  const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(impl_->client.get(), partition.topic.c_str(),
                                                                    partition.number, &low, &high, answer_ms);
  if (!impl_->answered(code)) return std::nullopt;
  return std::pair(low, high);
}

std::optional<Offsets> Consumer::offsets_at(const std::vector<Partition>& partitions, std::chrono::milliseconds time) {
  const PartitionList list = list_of(offsets_of(partitions, time.count()));
  if (!impl_->answered(rd_kafka_offsets_for_times(impl_->client.get(), list.get(), answer_ms))) return std::nullopt;
  Offsets offsets = Impl::filled(*list);
  for (const Partition& partition : partitions) {
    if (offsets.contains(partition)) continue;
    const auto range = limits(partition);
    if (!range) return std::nullopt;
    offsets[partition] = range->second;
  }
  return offsets;
}

std::optional<Offsets> Consumer::committed(const std::vector<Partition>& partitions) {
  const PartitionList list = list_of(offsets_of(partitions, RD_KAFKA_OFFSET_INVALID));
  if (!impl_->answered(rd_kafka_committed(impl_->client.get(), list.get(), answer_ms))) return std::nullopt;
  return Impl::filled(*list);
}

void Consumer::assign(const Offsets& from) {
  impl_->arrived.clear();
  impl_->next_arrived = 0;
  impl_->assigned.clear();
  for (const auto& [partition, offset] : from) impl_->assigned.push_back(partition);
  const PartitionList list = list_of(from);
  impl_->answered(rd_kafka_assign(impl_->client.get(), list.get()));
}

void Consumer::pause(const Partition& partition) {
  const PartitionList list = list_of({{partition, 0}});
  impl_->answered(rd_kafka_pause_partitions(impl_->client.get(), list.get()));
}

/// Makes the call of the handler that the message stands for.
Taken Consumer::Impl::use(const rd_kafka_message_t& message, ConsumerHandler& handler) {
  const std::string_view topic = message.rkt == nullptr ? "" : rd_kafka_topic_name(message.rkt);
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    connection.on_answer();
    hidden.on_end({std::string(topic), message.partition}, message.offset, HiddenMessages::clock::now());
    handler.on_end(topic, message.partition, message.offset);
    return Taken::yes;
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
      connection.on_answer();
      handler.on_out_of_range(topic, message.partition);
    } else {
      static_cast<void>(answered(message.err));
    }
    return Taken::yes;
  }
  connection.on_answer();
  received.topic = topic;
  received.partition = message.partition;
  received.offset = message.offset;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  received.timestamp_ms = rd_kafka_message_timestamp(&message, &type);
  received.key = view(message.key, message.key_len);
  received.payload = view(message.payload, message.len);
  received.headers.clear();
  rd_kafka_headers_t* headers = nullptr;
  if (settings.headers && rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i)
      received.headers.emplace_back(name, view(value, size).value_or(""));
  }
  return handler.on_message(received);
}

/// Reports partitions that cannot be read on because a transaction is open, every few seconds.
void Consumer::Impl::look_for_hidden() {
  const auto now = HiddenMessages::clock::now();
  if (settings.isolation != Isolation::read_committed || now < look_at) return;
  look_at = now + std::chrono::seconds(5);
  const auto position = [this](const Partition& partition) {
    const PartitionList list = list_of({{partition, RD_KAFKA_OFFSET_INVALID}});
    rd_kafka_position(client.get(), list.get());
    return list->elems[0].offset;
  };
  const auto end = [this](const Partition& partition) {
    std::int64_t low = -1, high = -1;
    rd_kafka_get_watermark_offsets(client.get(), partition.topic.c_str(), partition.number, &low, &high);
    return high;
  };
  hidden.look(now, position, end, [this](const Partition& partition, std::int64_t offset, std::int64_t last) {
    log.warn(
        fmt::format("{}, partition {}: waiting at offset {} for a transaction that has been open for a minute; the log "
                    "ends at {} (--isolation read_uncommitted reads what is not committed, too)",
                    partition.topic, partition.number, offset, last));
  });
}

/// Gets what the queue has, `most` messages at most; nothing while some are left from before.
void Consumer::Impl::fetch(std::size_t most) {
  if (next_arrived < arrived.size()) return;
  arrived.clear();
  next_arrived = 0;
  std::array<rd_kafka_message_t*, batch> messages{};
  const ssize_t count = rd_kafka_consume_batch_queue(queue.get(), 0, messages.data(), std::min(most, batch));
  for (ssize_t i = 0; i < count; ++i) arrived.emplace_back(messages[static_cast<std::size_t>(i)]);
  if (room->took(arrived.size(), rd_kafka_queue_length(queue.get()))) wake_fetcher();
}

/// Lets a thread of the library ask for messages again. Each finds only within a second that a full queue has room,
/// unless it has something else to do, such as a question for a partition of its broker: each call asks for the next.
/// One question at a time: a thread that is asking for messages already answers only when there are some.
void Consumer::Impl::wake_fetcher() {
  if (assigned.empty()) return;
  const Partition& partition = assigned[next_woken++ % assigned.size()];
  std::int64_t low = 0, high = 0;
  rd_kafka_query_watermark_offsets(client.get(), partition.topic.c_str(), partition.number, &low, &high, 20);
}

std::size_t Consumer::read(std::size_t most, ConsumerHandler& handler) {
  Impl& impl = *impl_;
  impl.fetch(most);
  impl.connection.check();
  std::size_t taken = 0;
  for (; taken < most && impl.next_arrived < impl.arrived.size(); ++taken) {
    ArrivedMessage& message = impl.arrived[impl.next_arrived];
    if (impl.use(*message, handler) == Taken::later) break;
    message.reset();
    ++impl.next_arrived;
  }
  return taken;
}

void Consumer::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  // Library errors that are due with time, such as --retry-for, need a look now and then.
  constexpr std::chrono::milliseconds longest(500);
  impl_->wakeup->wait(also, limit.count() < 0 || limit > longest ? longest : limit);
  impl_->connection.check();
  impl_->look_for_hidden();
}

void Consumer::commit(const Offsets& offsets) {
  if (impl_->settings.group.empty() || offsets.empty()) return;
  const PartitionList list = list_of(offsets);
  rd_kafka_commit(impl_->client.get(), list.get(), 1);
}

bool Consumer::commit_now(const Offsets& offsets) {
  if (impl_->settings.group.empty() || offsets.empty()) return true;
  const PartitionList list = list_of(offsets);
  return rd_kafka_commit(impl_->client.get(), list.get(), 0) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace weir::kafka
