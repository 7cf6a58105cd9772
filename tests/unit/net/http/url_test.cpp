#include "net/http/url.hpp"

#include "catch.hpp"

using namespace weir::http;

TEST_CASE("a query's values are encoded, so that no name of a city can change the request") {
  CHECK(encode("Zocca") == "Zocca");
  CHECK(encode("São Paulo,BR") == "S%C3%A3o%20Paulo%2CBR");
  CHECK(encode("a&appid=x#?%+") == "a%26appid%3Dx%23%3F%25%2B");
  CHECK(encode("-._~") == "-._~");
  std::string url = "http://h/data";
  add_query(url, "q", "a b");
  add_query(url, "n", "1");
  CHECK(url == "http://h/data?q=a%20b&n=1");
}

TEST_CASE("valid bases of URLs") {
  CHECK(is_base_url("https://api.openweathermap.org"));
  CHECK(is_base_url("http://127.0.0.1:8080/prefix"));
  CHECK(is_base_url("http://[::1]:8080"));
  for (const char* bad :
       {"", "api.openweathermap.org", "ftp://h", "file:///etc/passwd", "http://", "http:///x", "http://:80",
        "http://h/ x", "http://h?q=1", "http://h#f", "HTTP//h", "http://h\n", "http://127.0.0.1@h", "https://u:p@h"})
    CHECK_FALSE(is_base_url(bad));
}

TEST_CASE("plain http is for this machine alone") {
  for (const char* here :
       {"http://127.0.0.1", "http://127.0.0.1:80/x", "http://localhost:8080", "http://[::1]:80", "https://h"})
    CHECK_FALSE(is_plain_off_host(here));
  for (const char* there :
       {"http://h", "http://127.evil.example", "http://localhost.evil.example:80/", "http://[::2]", "http://10.0.0.1"})
    CHECK(is_plain_off_host(there));
}

TEST_CASE("a redirect stays with its server") {
  const std::string from = "http://api.example.org/data?appid=k";
  CHECK(stays_with_server(from, "http://api.example.org/other?appid=k"));
  CHECK(stays_with_server(from, "http://API.example.org:80/"));
  CHECK(stays_with_server(from, "https://api.example.org/data"));
  CHECK(stays_with_server("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/b"));
  CHECK(stays_with_server("https://[::1]:8443/a", "https://[::1]:8443/b"));
  for (const char* to : {"http://example.org/", "http://api.example.org.evil.net/", "http://api.example.org:8080/",
                         "https://api.example.org:8443/", "http://api.example.org@evil.net/", "http://127.0.0.1/",
                         "ftp://api.example.org/", "file:///etc/passwd", "//x", ""}) {
    INFO(to);
    CHECK_FALSE(stays_with_server(from, to));
  }
  CHECK_FALSE(stays_with_server("https://api.example.org/", "http://api.example.org/"));
  CHECK_FALSE(stays_with_server("http://127.0.0.1:8080/", "https://127.0.0.1:8080/"));
}

TEST_CASE("secrets in a URL are struck out, wherever it stands in a text") {
  CHECK(redact("GET http://h/x?q=Rome&appid=0123abc&units=metric failed") ==
        "GET http://h/x?q=Rome&appid=***&units=metric failed");
  CHECK(redact("appid=k") == "appid=***");
  CHECK(redact("--url 'http://ana:s3cr@t@h:80/x@y?key=k'") == "--url 'http://***@h:80/x@y?key=***'");
  CHECK(redact("http://token@h and //h/a@b, mail a@b") == "http://***@h and //h/a@b, mail a@b");
  CHECK(redact("APPID=k token=t; key=v") == "APPID=*** token=***; key=***");
  CHECK(redact("\"http://h?apikey=abc\"") == "\"http://h?apikey=***\"");
  CHECK(redact("appid= nothing") == "appid= nothing");
  CHECK(redact("no secret here") == "no secret here");
}

TEST_CASE("percent-encodings are resolved, what is not one stays") {
  CHECK(decode("a%20b%2f%C3%BC+") == "a b/ü+");
  CHECK(decode("%%4g%4%") == "%%4g%4%");
  CHECK(decode(encode("%\n=ü")) == "%\n=ü");
}
