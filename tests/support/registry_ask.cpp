// Asks a registry, for tests of the room net/registry with a real one.
//   registry-ask URL id N
//   registry-ask URL latest SUBJECT
//   registry-ask URL look-up|add SUBJECT SCHEMA-FILE [TYPE [NAME:SUBJECT:VERSION…]]
// Prints `ID VERSION TYPE`, the schema, and the schemas that it refers to, a line each. Exit 2: refused; 4: not found;
// 1: away for 2 s.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include "kept_log.hpp"
#include "net/registry/registry.hpp"

namespace {

using namespace weir;
using registry::Question;

std::string read_file(const char* name) {
  std::ifstream file(name);
  if (!file) throw std::runtime_error(std::string("cannot read ") + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

Question question_of(int argc, char** argv) {
  Question question;
  const std::string_view kind = argc > 3 ? argv[2] : "";
  if (kind == "id") {
    question.id = std::stoi(argv[3]);
    return question;
  }
  question.subject = argc > 3 ? argv[3] : "";
  question.kind = kind == "latest" ? Question::Kind::latest
                  : kind == "add"  ? Question::Kind::add
                                   : Question::Kind::look_up;
  if (kind == "latest") return question;
  if (argc < 5) throw std::runtime_error("see the head of registry_ask.cpp");
  question.text = read_file(argv[4]);
  if (argc > 5) question.type = argv[5];
  for (int i = 6; i < argc; ++i) {
    const std::string text = argv[i];
    const auto first = text.find(':');
    const auto last = text.rfind(':');
    question.references.push_back(
        {text.substr(0, first), text.substr(first + 1, last - first - 1), std::stoi(text.substr(last + 1))});
  }
  return question;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Question question = question_of(argc, argv);
    KeptLog log;
    registry::Registry registry(
        {.url = argv[1], .retry_wait = std::chrono::milliseconds(100), .retry_for = std::chrono::seconds(2)}, log);
    const registry::RegisteredSchema* schema = nullptr;
    while ((schema = registry.ask(question)) == nullptr) registry.wait({}, std::chrono::milliseconds(-1));
    std::printf("%d %lld %s\n%s\n", schema->id, static_cast<long long>(schema->version), schema->type.c_str(),
                schema->text.c_str());
    for (const std::string& each : schema->references) std::printf("%s\n", each.c_str());
    return 0;
  } catch (const registry::Refused& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const registry::NotFound& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 4;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
