// Who gets a mail, of which cities, in which zone.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "csv/reader.hpp"
#include "time/zone.hpp"

namespace weir {

/// Someone who gets a mail.
struct Subscriber {
  std::string email;
  std::string name;                 ///< may be empty
  std::vector<std::string> cities;  ///< empty: all
  Zone zone;
};

/// Subscribers and what was wrong with the rest.
struct SubscriberList {
  struct Problem {
    std::uint64_t line;
    std::string reason;
  };
  std::vector<Subscriber> subscribers;
  std::vector<Problem> problems;    ///< rows that cannot be used
  std::vector<Problem> duplicates;  ///< rows that a later one with the same address replaces
};

/// A table that is no list of subscribers.
class SubscriberListError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The subscribers in a table with the columns `email` (needed), `cities` (several separated by `;`), `name` and
/// `timezone` (else `zone`); other columns are passed over. Of rows with the same address, letters' case being no
/// matter, the last counts, in the place of the first. Throws SubscriberListError when there is no column `email`.
SubscriberList subscribers_of(const csv::Table& table, const Zone& zone);

/// The subscriber with this address; nullptr when there is none.
const Subscriber* find_subscriber(const SubscriberList& list, std::string_view email);

/// An address as it is compared: ASCII letters small.
std::string address_key(std::string_view address);

}  // namespace weir
