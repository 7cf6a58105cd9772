// links: stage_alert-notify weir_expr weir_net_http weir_net_mqtt weir_net_smtp weir_process weir_record weir_state
// What alert-notify gets from outside: routes and silences as TOML, channels of the command line, templates, alerts,
// and services' answers. Read or refused with words; whatever is told is whole JSON, within its service's limits, under
// an id of its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "channel.hpp"
#include "desk.hpp"
#include "message_writer.hpp"
#include "record/json_text.hpp"
#include "sms_channel.hpp"

namespace {

using namespace weir;
using namespace weir::alert_notify;

void expect(bool holds) {
  if (!holds) std::abort();
}

ChannelSpec spec_of(Service service, const char* name) {
  ChannelSpec spec;
  spec.service = service;
  spec.name = name;
  if (service == Service::mqtt) spec.values["topic"] = {"a/{city}/{rule}"};
  return spec;
}

bool is_json(const std::string& text) {
  static RecordParser parser(FieldSet(), Checking::every_token);
  return parser.parse_copy(text.starts_with('[') ? "{\"list\":" + text + "}" : text, 1) != nullptr;
}

/// Alerts, one a line, through a desk and to every service.
void tell(std::string_view lines) {
  static const std::vector<ChannelSpec> channels{
      spec_of(Service::mail, "mail"),   spec_of(Service::sms, "sms"),         spec_of(Service::webhook, "hook"),
      spec_of(Service::slack, "slack"), spec_of(Service::pagerduty, "pager"), spec_of(Service::alertmanager, "manager"),
      spec_of(Service::mqtt, "mqtt"),   spec_of(Service::program, "program")};
  Desk::Settings settings;
  Route one;
  one.name = "one";
  Route many = one;
  many.name = "many";
  many.group = {"city"};
  many.wait = std::chrono::minutes(1);
  many.cooldown = std::chrono::minutes(5);
  many.remind = std::chrono::hours(1);
  many.escalate = {{std::chrono::minutes(10), {"sms"}}};
  one.goes_on = true;
  for (const ChannelSpec& each : channels) one.to.push_back(each.name);
  many.to = one.to;
  settings.routes = {one, many};
  settings.max_keys = 5;
  settings.tells_suppressed = true;
  settings.max_future = std::chrono::days(31);
  FieldSet fields;
  AlertReader reader({}, fields);
  Desk desk(settings, fields);
  static MessageWriter writer(channels, {});
  std::set<std::string> ids;
  desk.begin("f", [&](const Notice& notice) {
    expect(!notice.alerts.empty() && ids.insert(notice.id).second);
    for (const std::string& channel : notice.to) {
      const Message message = writer.write(notice, channel);
      expect(is_utf8(message.text) && is_utf8(message.subject) && is_utf8(message.body));
      expect(message.subject.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
      if (!message.body.empty()) expect(is_json(message.body));
      expect(message.target.find_first_of(std::string_view("+#\0", 3)) == std::string::npos);
      if (channel == "sms") expect(cut(message.text, longest_sms) == message.text);
    }
  });
  RecordParser parser(fields, Checking::every_token);
  std::vector<Alert> alerts;
  for (std::uint64_t number = 1; !lines.empty(); ++number) {
    const std::size_t end = lines.find('\n');
    const Record* const record = parser.parse_copy(lines.substr(0, end), number);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    if (record == nullptr) continue;
    alerts.clear();
    if (const std::string id = reader.acknowledged(*record); !id.empty()) {
      desk.acknowledge(id);
    } else if (!reader.read(*record, alerts).rejected()) {
      for (const Alert& each : alerts) desk.take(each, *record);
    }
  }
  desk.end();
}

void answer(std::string_view text) {
  http::Response response;
  response.body = text;
  for (const int status : {200, 400, 429, 500}) {
    response.status = status;
    const Sent sent = judge(response, {});
    expect(is_utf8(sent.answer) && sent.answer.find('\n') == std::string::npos && sent.answer.size() < 2000);
  }
  const TwilioPage page = read_twilio_page(text, "p-1");
  expect(page.next.empty() || page.next.starts_with('/'));
  read_twilio_sid(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0]) {
      case 'r': {
        Config config = read_config("routes.toml", text);
        split_recipients(config);
        check_config(config);
        break;
      }
      case 's':
        Silences::read("silences.toml", text).covers({});
        break;
      case 'c':
        check_keys(read_spec(Service::mail, text, 1));
        break;
      case 't': {
        FieldSet fields;
        const Template made(text, fields);
        break;
      }
      case 'a':
        answer(text);
        break;
      default:
        tell(text);
    }
  } catch (const std::invalid_argument& problem) {
    expect(*problem.what() != '\0');
  }
  return 0;
}
