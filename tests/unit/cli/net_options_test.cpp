#include "cli/net_options.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "catch.hpp"
#include "folder.hpp"

using namespace weir;
using cli::NetOptions;

namespace {

/// What is written to standard error while this is there.
class StandardError {
 public:
  StandardError() : before_(::dup(STDERR_FILENO)) {
    const int file = ::open(folder_.file("log").c_str(), O_WRONLY | O_CREAT, 0600);
    REQUIRE(file >= 0);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
  }
  ~StandardError() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }
  StandardError(const StandardError&) = delete;
  StandardError& operator=(const StandardError&) = delete;

  std::string text() const { return folder_.content("log"); }

 private:
  test::Folder folder_;
  int before_;
};

struct Secret {
  test::Folder folder;
  cli::Log log{"tool"};
  cli::Environment environment;
  cli::Context context{log, environment};

  std::string file(std::string_view text, mode_t mode) const {
    const std::string path = folder.file("password");
    test::write_content(path, text);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
};

}  // namespace

TEST_CASE("what belongs together is asked for together") {
  NetOptions options;
  CHECK_NOTHROW(options.validate());
  options.cert = "cert.pem";
  CHECK_THROWS_WITH(options.validate(), contains_text("--cert and --key"));
  options.key = "key.pem";
  CHECK_NOTHROW(options.validate());
  options.password_file = "password";
  CHECK_THROWS_WITH(options.validate(), contains_text("--user"));
  options.user = "ana";
  CHECK_NOTHROW(options.validate());
}

TEST_CASE("what implies TLS") {
  NetOptions options;
  options.insecure = true;
  CHECK_FALSE(options.encrypted());
  SECTION("by --tls alone") { options.tls = true; }
  SECTION("by --cafile") { options.ca_file = "ca.pem"; }
  SECTION("by --cert") { options.cert = "cert.pem"; }
  CHECK(options.encrypted());
}

TEST_CASE("the options are declared by one name each, and bind to their fields") {
  NetOptions options;
  cli::App app("tool", "does things");
  options.define_tls(app, "broker");
  options.define_ca_file(app, "broker");
  options.define_certificate(app);
  options.define_insecure(app, "plain text");
  options.define_login(app, "WEIR_TEST_");
  options.define_token_file(app, "WEIR_TEST_", "the token");
  options.define_retries(app, "request", "1m");
  std::string names;
  for (cli::Option* option : app.options()) {
    names += option->long_name() + ' ';
    CHECK(option->changeable);
    option->set(option->long_name() == "--retries" ? "7" : option->long_name() == "--retry-wait" ? "3s" : "1s");
  }
  CHECK(names ==
        "--tls --cafile --cert --key --insecure --user --password-file --token-file --timeout --retries --retry-wait ");
  CHECK(options.tls);
  CHECK(options.insecure);
  CHECK(options.ca_file == "1s");
  CHECK(options.user == "1s");
  CHECK(options.token_file == "1s");
  CHECK(options.retries == 7);
  CHECK(options.retry_wait == std::chrono::seconds(3));
  CHECK(options.timeout == std::chrono::seconds(1));
}

TEST_CASE("the options of a second server have names of their own") {
  NetOptions options;
  options.scope = "registry";
  cli::App app("tool", "does things");
  options.define_ca_file(app, "registry");
  options.define_certificate(app);
  options.define_login(app, "WEIR_TEST_");
  std::string names;
  for (cli::Option* option : app.options()) names += option->long_name() + ' ';
  CHECK(names == "--registry-cafile --registry-cert --registry-key --registry-user --registry-password-file ");
  options.key = "key.pem";
  CHECK_THROWS_WITH(options.validate(), contains_text("--registry-cert and --registry-key go together"));
  options.key.clear();
  options.password_file = "password";
  CHECK_THROWS_WITH(options.validate(), contains_text("--registry-password-file needs --registry-user"));
}

TEST_CASE("a password is that of the file, else of the variable, and no message shows it") {
  Secret secret;
  ::setenv("WEIR_TEST_PASSWORD", "from the variable", 1);
  NetOptions options;
  CHECK_FALSE(options.password(secret.context, "WEIR_TEST_"));  // nobody logs in
  options.user = "ana";
  CHECK(options.password(secret.context, "WEIR_TEST_") == "from the variable");
  options.password_file = secret.file("from the file\nrest\n", 0600);
  CHECK(options.password(secret.context, "WEIR_TEST_") == "from the file");
  ::unsetenv("WEIR_TEST_PASSWORD");
  const StandardError output;
  secret.context.log.error("refused: from the file, from the variable");
  CHECK(output.text() == "tool: refused: ***, ***\n");
}

TEST_CASE("a secret that others can read, or that is not there, is wrong usage") {
  Secret secret;
  CHECK_THROWS_AS(secret.context.secret("WEIR_TEST_PASSWORD", secret.file("x\n", 0640)), cli::UsageError);
  CHECK_THROWS_AS(secret.context.secret("WEIR_TEST_PASSWORD", secret.folder.file("none")), cli::UsageError);
  CHECK_FALSE(secret.context.secret("WEIR_TEST_PASSWORD"));
}
