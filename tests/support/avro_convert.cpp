// Converts between lines of JSON and Avro messages, for tests that compare with another implementation.
//   avro-convert encode SCHEMA.avsc < LINES > MESSAGES     a message has its size before it: 4 bytes, big-endian
//   avro-convert decode SCHEMA.avsc < MESSAGES > LINES
// What is refused ends the program with exit 1 and its reason. With `rate` before these, the conversion is repeated and
// only its rate is printed, in seconds of the processor.
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "avro/decoder.hpp"
#include "avro/encoder.hpp"

namespace {

using namespace weir::avro;

std::string read_all(std::istream& in) { return {std::istreambuf_iterator<char>(in), {}}; }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    lines.push_back(text.substr(0, end));
  return lines;
}

std::vector<std::string_view> messages_of(std::string_view bytes) {
  std::vector<std::string_view> messages;
  while (!bytes.empty()) {
    if (bytes.size() < 4) throw std::runtime_error("a size is cut");
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8U | static_cast<unsigned char>(bytes[i]);
    if (bytes.size() < size + 4) throw std::runtime_error("a message is cut");
    messages.push_back(bytes.substr(4, size));
    bytes.remove_prefix(4 + size);
  }
  return messages;
}

/// Converts each item and appends it to `out`, framed for the other direction.
template <typename Convert>
void convert(const std::vector<std::string_view>& items, const Convert& one, std::string& out) {
  for (std::size_t i = 0; i < items.size(); ++i)
    if (const std::string reason = one(items[i], out); !reason.empty())
      throw std::runtime_error("number " + std::to_string(i + 1) + ": " + reason);
}

template <typename Convert>
void print_rate(const std::vector<std::string_view>& items, const Convert& one) {
  std::string out;
  convert(items, one, out);
  const std::clock_t begin = std::clock();
  double taken = 0;
  std::size_t rounds = 0;
  for (; taken < 1; ++rounds, taken = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC) {
    out.clear();
    convert(items, one, out);
  }
  std::printf("%.0f records/s\n", static_cast<double>(rounds * items.size()) / taken);
}

template <typename Convert>
void run(bool rate, const std::vector<std::string_view>& items, const Convert& one) {
  if (rate) return print_rate(items, one);
  std::string out;
  convert(items, one, out);
  std::cout.write(out.data(), static_cast<std::streamsize>(out.size()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bool rate = argc > 1 && std::string_view(argv[1]) == "rate";
    if (rate) --argc, ++argv;
    if (argc != 3) throw std::runtime_error("usage: avro-convert [rate] encode|decode SCHEMA");
    std::ifstream file(argv[2]);
    const auto schema = Schema::parse(read_all(file));
    const std::string input = read_all(std::cin);
    if (std::string_view(argv[1]) == "encode") {
      Encoder encoder(schema);
      run(rate, lines_of(input), [&](std::string_view line, std::string& out) {
        const std::size_t mark = out.size();
        out.append(4, '\0');
        if (!encoder.encode(line, out)) return encoder.reason();
        const std::size_t size = out.size() - mark - 4;
        for (unsigned i = 0; i < 4; ++i) out[mark + i] = static_cast<char>(size >> (24 - 8 * i) & 0xffU);
        return std::string();
      });
    } else {
      Decoder decoder(schema);
      run(rate, messages_of(input), [&](std::string_view message, std::string& out) {
        if (!decoder.decode(message, out)) return decoder.reason();
        out += '\n';
        return std::string();
      });
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "avro-convert: %s\n", error.what());
    return 1;
  }
}
