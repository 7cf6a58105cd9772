// The subscribers of mails: address, cities and zone.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "csv/reader.hpp"
#include "time/zone.hpp"

namespace weir {

/// A subscriber.
struct Subscriber {
  std::string email;
  std::string name;                 ///< may be empty
  std::vector<std::string> cities;  ///< empty: all
  Zone zone;
};

/// Subscribers, and the rows that could not be used.
struct SubscriberList {
  struct Problem {
    std::uint64_t line;
    std::string reason;
  };
  std::vector<Subscriber> subscribers;
  std::vector<Problem> problems;    ///< rows that were rejected, with reasons
  std::vector<Problem> duplicates;  ///< rows that a later one with the same address replaces
};

/// A table that is not a list of subscribers.
class SubscriberListError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads a table with the columns `email` (needed), `cities` (separated by `;`), `name` and `timezone` (else `zone`).
/// Other columns are ignored. Addresses are compared without case; of several rows the last counts, in the place of the
/// first. Throws SubscriberListError without a column `email`.
SubscriberList subscribers_of(const csv::Table& table, const Zone& zone);

/// The subscriber with this address; nullptr when there is none.
const Subscriber* find_subscriber(const SubscriberList& list, std::string_view email);

/// The form of an address for comparison: ASCII letters in lower case.
std::string address_key(std::string_view address);

}  // namespace weir
