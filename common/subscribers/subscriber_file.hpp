// The file of subscribers: one row for each address.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// The result of a change.
enum class ListChange : std::uint8_t { added, updated, removed, none };

/// A subscription as requested.
struct Subscription {
  std::string email;                ///< checked by smtp::address_problem()
  std::vector<std::string> cities;  ///< empty: all; none holds a `;` or a control character
  std::string timezone{};           ///< IANA zone; empty: not given
};

/// Puts an address with its cities into the list `email,cities,name,timezone`; makes the list where there is none. An
/// existing row is updated; other columns and rows stay byte for byte.
///
/// The list is replaced as a whole, under the lock `FILE.lock`, so several writers and a reader always see whole lists.
/// Throws std::system_error, or std::runtime_error when the file is not such a list or the lock is not free within 5
/// seconds.
ListChange subscribe(const std::string& path, const Subscription& wanted);

/// Removes every row with this address. Throws as subscribe().
ListChange unsubscribe(const std::string& path, std::string_view email);

}  // namespace weir
