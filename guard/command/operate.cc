#include "guard/command/operate.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "guard/command/daemon_client.h"
#include "guard/command/offline.h"
#include "guard/state_directory.h"
#include "guard/status_text.h"
#include "guard/utc.h"

namespace readback::guard {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// A write waits for the disk, which may be slow; so does an answer of megabytes.
constexpr milliseconds kPatience{10'000};

std::string written(const json& body) {
  return body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

ExitCode not_answered(const StateDirectory& directory, const Heard& heard, std::ostream& errors) {
  if (heard.kind == Heard::Kind::forbidden || heard.status == 403) {
    errors << "guard: " << directory.socket()
           << ": only root, the guard's user and its group may ask it\n";
    return kRefused;
  }
  if (heard.kind == Heard::Kind::absent) {
    errors << "guard: no guard is running at " << directory.path() << " (" << heard.words << ")\n";
    return kUnreachable;
  }
  errors << "guard: the guard at " << directory.path() << " gives no answer (" << heard.words
         << "); its watchdog ends it soon, and `guard rollback` works in spite of it\n";
  return kUnreachable;
}

// The body of an answer of the daemon; discarded if there is none.
json body_of(const Heard& heard) {
  if (heard.kind != Heard::Kind::answered || heard.status == 403)
    return json(json::value_t::discarded);
  return json::parse(heard.body, nullptr, false);
}

std::string details(const json& body, const Heard& heard) {
  if (body.is_object() && body.contains("errorDetails")) return body["errorDetails"].dump();
  return "an answer that is none of a guard of this release, status " +
         std::to_string(heard.status);
}

ExitCode print_status(const json& report, const std::string& flag, bool as_json, std::ostream& out,
                      std::ostream& errors) {
  std::string known;
  const json* only = nullptr;
  for (const json& each : report.at("flags")) {
    known += (known.empty() ? "" : ", ") + each.at("flag").get<std::string>();
    if (each.at("flag") == flag) only = &each;
  }
  if (!flag.empty() && only == nullptr) {
    errors << "guard: no guarded flag \"" << flag << "\"; there is " << known << "\n";
    return kRefused;
  }
  if (as_json)
    out << written(only != nullptr ? *only : report);
  else
    out << status_text(report, flag);
  return kOk;
}

std::string exposures_text(const json& body) {
  std::string text;
  for (const json& record : body.at("exposures"))
    text += record.at("practitioner").get<std::string>() + "  " +
            utc(milliseconds(record.at("first_ms").get<std::int64_t>())) + "  " +
            utc(milliseconds(record.at("last_ms").get<std::int64_t>())) + "  step " +
            record.at("step").dump() + "\n";
  text += std::to_string(body.at("exposures").size()) +
          " served treatment (practitioner, first time, last time, step at the last)\n";
  if (body.at("is_full").get<bool>())
    text += "the record is full: nobody new is exposed until exposures.at_most grows\n";
  return text;
}

}  // namespace

ExitCode show_status(const OperateOptions& options, const std::string& flag, std::ostream& out,
                     std::ostream& errors) {
  const StateDirectory directory = StateDirectory::find(options.state);
  const Heard heard = ask_socket(directory.socket(), {.path = "/status"});
  const json report = body_of(heard);
  if (heard.kind == Heard::Kind::answered && heard.status == 200 && report.is_object())
    return print_status(report, flag, options.as_json, out, errors);
  if (heard.kind == Heard::Kind::absent) {
    const json offline = offline_status(directory, flag);
    out << (options.as_json ? written(offline) : offline_text(offline));
  }
  return not_answered(directory, heard, errors);
}

ExitCode command(const OperateOptions& options, const CommandOptions& asked, std::ostream& out,
                 std::ostream& errors) {
  const StateDirectory directory = StateDirectory::find(options.state);
  json question = {{"flag", asked.flag}, {"command", asked.command}, {"by", asked.by}};
  if (!asked.reason.empty()) question["reason"] = asked.reason;
  if (asked.same_build) question["same_build"] = true;
  const Heard heard = ask_socket(
      directory.socket(), {.method = "POST",
                           .path = "/command",
                           .body = question.dump(-1, ' ', false, json::error_handler_t::replace),
                           .patience = kPatience});
  const json body = body_of(heard);
  if (body.is_discarded()) return not_answered(directory, heard, errors);
  if (!body.is_object() || !body.contains("accepted")) {
    errors << "guard: " << details(body, heard) << "\n";
    return heard.status == 400 ? kUsage : kFailed;
  }
  if (options.as_json) out << written(body);
  const bool is_accepted = body.value("accepted", false);
  const std::string words = asked.flag + ": " + body.value("words", "") + "\n";
  if (!is_accepted) errors << "guard: " << words;
  if (is_accepted && !options.as_json) out << words << "next:\nguard status " << asked.flag << "\n";
  if (is_accepted) return kOk;
  return body.value("durable", true) ? kRefused : kNotDurable;
}

ExitCode reload(const OperateOptions& options, std::ostream& out, std::ostream& errors) {
  const StateDirectory directory = StateDirectory::find(options.state);
  const Heard heard =
      ask_socket(directory.socket(), {.method = "POST", .path = "/reload", .patience = kPatience});
  const json body = body_of(heard);
  if (body.is_discarded()) return not_answered(directory, heard, errors);
  if (!body.is_object() || !body.contains("accepted")) {
    errors << "guard: " << details(body, heard) << "\n";
    return kFailed;
  }
  if (options.as_json) out << written(body);
  if (body.value("accepted", false)) {
    if (!options.as_json) out << "the config was taken\nnext:\nguard status\n";
    return kOk;
  }
  for (const json& fault : body.value("faults", json::array()))
    errors << fault.get<std::string>() << "\n";
  errors << "guard: this config is not taken, and the one before it goes on\n";
  return kConfigInvalid;
}

ExitCode show_exposures(const OperateOptions& options, const std::string& flag, std::ostream& out,
                        std::ostream& errors) {
  const StateDirectory directory = StateDirectory::find(options.state);
  const Heard heard =
      ask_socket(directory.socket(), {.path = "/exposures/" + flag, .patience = kPatience});
  json body = body_of(heard);
  const bool is_forbidden = heard.kind == Heard::Kind::forbidden || heard.status == 403;
  if (body.is_discarded() && !is_forbidden) {
    const Result<json> stored = stored_exposures(directory, flag);
    if (stored.has_error()) {
      not_answered(directory, heard, errors);
      errors << "guard: " << stored.error().where << ": " << stored.error().what << "\n";
      return kUnreachable;
    }
    body = *stored;
  }
  if (body.is_discarded()) return not_answered(directory, heard, errors);
  if (!body.is_object() || !body.contains("exposures")) {
    errors << "guard: " << details(body, heard) << "\n";
    return heard.status == 404 ? kRefused : kFailed;
  }
  out << (options.as_json ? written(body) : exposures_text(body));
  return kOk;
}

}  // namespace readback::guard
