#include "net/redis/reply.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <new>
#include <stdexcept>

namespace weir::redis {
namespace {

Reply reply_of(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
    case REDIS_REPLY_STRING:
      reply.kind = from.type == REDIS_REPLY_STATUS  ? Reply::Kind::status
                   : from.type == REDIS_REPLY_ERROR ? Reply::Kind::error
                                                    : Reply::Kind::text;
      reply.text.assign(from.str, static_cast<std::size_t>(from.len));
      break;
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::integer;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::array;
      reply.elements.reserve(from.elements);
      for (std::size_t at = 0; at < from.elements; ++at) reply.elements.push_back(reply_of(*from.element[at]));
      break;
    default:
      break;
  }
  return reply;
}

/// Most elements of an array: memory for them is taken before they come, so a server must not name any number.
constexpr std::size_t most_elements = 1 << 24;

/// hiredis' own function, once a reader was made.
decltype(redisReplyObjectFunctions::createArray) usual_create_array = nullptr;

/// hiredis' own functions with that limit; too large an array is an error of the protocol.
redisReplyObjectFunctions* limited(const redisReplyObjectFunctions& usual) {
  static redisReplyObjectFunctions functions = [&usual] {
    usual_create_array = usual.createArray;
    redisReplyObjectFunctions made = usual;
    // The type of the number differs between versions of hiredis.
    made.createArray = [](const redisReadTask* task, auto elements) -> void* {
      return static_cast<std::size_t>(elements) > most_elements ? nullptr : usual_create_array(task, elements);
    };
    return made;
  }();
  return &functions;
}

}  // namespace

void ReplyReader::Free::operator()(void* reader) const { redisReaderFree(static_cast<redisReader*>(reader)); }

ReplyReader::ReplyReader() : reader_(redisReaderCreate()) {
  if (reader_ == nullptr) throw std::bad_alloc();
  auto* const reader = static_cast<redisReader*>(reader_.get());
  reader->fn = limited(*reader->fn);
}

void ReplyReader::feed(std::string_view bytes) {
  // An error stays in the reader, and next() throws it.
  redisReaderFeed(static_cast<redisReader*>(reader_.get()), bytes.data(), bytes.size());
}

std::optional<Reply> ReplyReader::next() {
  auto* const reader = static_cast<redisReader*>(reader_.get());
  void* found = nullptr;
  const bool failed = redisReaderGetReply(reader, &found) != REDIS_OK;
  const std::unique_ptr<void, void (*)(void*)> reply(found, freeReplyObject);
  if (failed) throw std::runtime_error(fmt::format("not the protocol of Redis: {}", reader->errstr));
  if (reply == nullptr) return std::nullopt;
  return reply_of(*static_cast<const redisReply*>(reply.get()));
}

}  // namespace weir::redis
