// What an error of the server means for a load.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::redis_load {

/// The answer to an error of the server.
enum class Answer : std::uint8_t {
  retry,      ///< the same may succeed later: no memory, no replicas, loading its data, a script at work
  reconnect,  ///< as retry, perhaps at another server: this one has become a replica
  end,        ///< only a person can help: rights, a login, another node's key
  reject      ///< the record is at fault
};

/// The answer to an error that begins with this word, for a command that the server took and could not carry out
/// (`executed`), or that it did not take.
Answer answer_to(std::string_view code, bool executed);

/// The answer to an error of a command outside of a transaction. Only the text tells whether the server took it.
Answer answer_alone(std::string_view code, std::string_view text);

/// The error's text, with what to do where that is known.
std::string explained(std::string_view code, const std::string& text);

}  // namespace weir::redis_load
