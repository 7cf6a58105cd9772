#include "epoch_key.hpp"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "commands.hpp"
#include "net/redis/command.hpp"

namespace weir::redis_load {
namespace {

std::uint64_t epoch_of(const std::string& key, const redis::Reply& reply) {
  if (reply.kind == redis::Reply::Kind::nil) return 0;
  std::uint64_t epoch = 0;
  const char* const end = reply.text.data() + reply.text.size();
  const auto read = std::from_chars(reply.text.data(), end, epoch);
  if (read.ec != std::errc{} || read.ptr != end)
    throw std::runtime_error(fmt::format("the key {} does not hold the epoch of a pipeline", key));
  return epoch;
}

}  // namespace

std::uint64_t EpochKey::fence(const std::string& pipe, const std::string& run) {
  pipe_ = pipe;
  run_ = run;
  if (key_.empty()) key_ = std::string(epoch_keys) + pipe;
  session_.call({"HSET", key_, "run", run});
  return epoch_of(key_, session_.call({"HGET", key_, "epoch"}));
}

void EpochKey::append_look(std::string& out) const {
  redis::append_command(out, {"WATCH", key_});
  redis::append_command(out, {"HMGET", key_, "run", "epoch"});
}

bool EpochKey::is_committed(const redis::Reply& reply, std::uint64_t epoch) const {
  if (reply.kind != redis::Reply::Kind::array || reply.elements.size() != 2)
    throw std::runtime_error(fmt::format("the key {} does not hold the epoch of a pipeline", key_));
  const redis::Reply& run = reply.elements[0];
  if (run.kind == redis::Reply::Kind::nil)
    throw std::runtime_error(fmt::format("the key {} is gone: the server has lost what it had acknowledged", key_));
  if (run.text != run_)
    throw std::runtime_error(
        fmt::format("another run of the pipeline '{}' has taken over, and this one ends; two pipelines that load into "
                    "one server need different names (--pipe)",
                    pipe_));
  const std::uint64_t found = epoch_of(key_, reply.elements[1]);
  if (found == epoch) return true;
  if (found != epoch - 1)
    throw std::runtime_error(
        fmt::format("{} holds epoch {} where {} was committed: the server has lost what it had acknowledged", key_,
                    found, epoch - 1));
  return false;
}

void EpochKey::append_set(std::string& out, std::uint64_t epoch) const {
  redis::append_command(out, {"HSET", key_, "epoch", std::to_string(epoch)});
}

}  // namespace weir::redis_load
