#include "net/coap/address.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace weir::coap {

coap_address_t resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
    throw std::runtime_error("the host '" + host + "' has no address: " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  coap_address_t address;
  coap_address_init(&address);
  address.size = found->ai_addrlen;
  std::memcpy(&address.addr, found->ai_addr, found->ai_addrlen);
  coap_address_set_port(&address, port);
  return address;
}

std::uint16_t free_port(const coap_address_t& address) {
  coap_address_t bound = address;
  const int probe = ::socket(address.addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool had = probe >= 0 && ::bind(probe, &address.addr.sa, address.size) == 0 &&
                   ::getsockname(probe, &bound.addr.sa, &bound.size) == 0;
  const int error = errno;
  if (probe >= 0) ::close(probe);
  if (!had) throw std::runtime_error(std::generic_category().message(error));
  return coap_address_get_port(&bound);
}

}  // namespace weir::coap
