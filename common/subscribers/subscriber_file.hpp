// The file that people subscribe in: one row an address.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// What became of a list.
enum class ListChange : std::uint8_t { added, updated, removed, none };

/// What someone asked for.
struct Subscription {
  std::string email;                ///< looked at already: smtp::address_problem()
  std::vector<std::string> cities;  ///< empty: all; none holds a `;` or a control character
  std::string timezone{};           ///< IANA zone; empty: not said
};

/// Puts an address with its cities into the list `email,cities,name,timezone`. A row that it has is updated; every
/// other column and row stays as it came. A list that is not there is made. It is replaced as a whole, under a lock
/// beside it
/// (`FILE.lock`), so that several writers and a reader at any time see whole lists. Throws std::system_error, or
/// std::runtime_error when the file is no such list or its lock is not free for 5 seconds.
ListChange subscribe(const std::string& path, const Subscription& wanted);

/// Takes every row with this address out. Throws as subscribe().
ListChange unsubscribe(const std::string& path, std::string_view email);

}  // namespace weir
