#include "guard/command/flags_evaluate.h"

#include <chrono>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <vector>

#include "flags/flagd/flag_set.h"
#include "guard/command/read_line.h"
#include "guard/document.h"
#include "guard/file.h"
#include "guard/server/json_request.h"
#include "guard/system_clock.h"

namespace readback::guard {
namespace {

using Json = nlohmann::ordered_json;  // The order of members is the manual's.
using flags::flagd::FlagSet;

// A rule's own bound is flags::targeting::kDepth; the flag set around it adds some.
constexpr unsigned kDefinitionsDepth = 2 * flags::targeting::kDepth;

struct Question {
  std::string key;
  std::optional<flags::flagd::Type> type;
  std::optional<nlohmann::json> otherwise;
  nlohmann::json context = nlohmann::json::object();
  std::chrono::seconds at{};
};

bool is_yaml(const std::string& path) {
  return path.ends_with(".yaml") || path.ends_with(".yml");
}

std::optional<nlohmann::json> read_definitions(const std::string& path, std::ostream& errors) {
  if (is_yaml(path)) {
    std::vector<Fault> faults;
    auto document = read_document(path, faults);
    for (const Fault& fault : faults) errors << to_string(fault) << "\n";
    if (!document.has_value() || !faults.empty()) return std::nullopt;
    return std::move(document->json);
  }
  const auto text = read_file(path, kDefinitionsBytes);
  auto json = text.has_value() ? server::read_json(*text, kDefinitionsDepth)
                               : Result<nlohmann::json>(text.error());
  if (json.has_value()) return std::move(*json);
  errors << path << ": " << json.error().what << "\n";
  return std::nullopt;
}

std::optional<FlagSet> read_flags(const std::string& path, std::ostream& errors) {
  const auto json = read_definitions(path, errors);
  if (!json.has_value()) return std::nullopt;
  std::vector<flags::Problem> problems;
  auto set = FlagSet::parse(*json, problems);
  for (const flags::Problem& problem : problems)
    errors << path << ": " << problem.where << ": " << problem.what << "\n";
  return set;
}

std::optional<flags::flagd::Type> type_of(const nlohmann::json& name) {
  using flags::flagd::Type;
  if (name == "boolean") return Type::boolean;
  if (name == "string") return Type::text;
  if (name == "number") return Type::number;
  if (name == "object") return Type::object;
  return std::nullopt;
}

// What is wrong with the line; nothing once it is in `question`.
std::string read_question(const nlohmann::json& line, Question& question) {
  if (!line.is_object()) return "is no object";
  for (const auto& [name, value] : line.items()) {
    if (name == "flagKey" && value.is_string()) {
      question.key = value.get<std::string>();
    } else if (name == "type" && type_of(value).has_value()) {
      question.type = type_of(value);
    } else if (name == "default") {
      question.otherwise = value;
    } else if (name == "context" && value.is_object()) {
      question.context = value;
    } else if (name == "timestamp" && value.is_number_integer()) {
      question.at = std::chrono::seconds(value.get<std::int64_t>());
    } else {
      return "\"" + name + "\" is not understood";
    }
  }
  return line.contains("flagKey") ? "" : "has no flagKey";
}

const char* details(flags::flagd::ErrorCode error) {
  using flags::flagd::ErrorCode;
  switch (error) {
    case ErrorCode::none:
      return "";
    case ErrorCode::flag_not_found:
      return "there is no such flag";
    case ErrorCode::parse_error:
      return "the flag's targeting can't be compiled";
    case ErrorCode::type_mismatch:
      return "the value is of another type";
    case ErrorCode::general:
      return "the targeting can't be calculated, or names no variant of the flag";
  }
  return "";
}

Json to_json(const flags::flagd::Answer& answer, const Question& question, std::size_t number) {
  Json json{{"line", number}, {"key", answer.key}};
  if (answer.value != nullptr) {
    json["value"] = *answer.value;
    json["variant"] = answer.variant;
  } else if (question.otherwise.has_value()) {
    json["value"] = *question.otherwise;
  }
  json["reason"] = to_string(answer.reason);
  if (answer.error != flags::flagd::ErrorCode::none) {
    json["errorCode"] = to_string(answer.error);
    json["errorDetails"] = details(answer.error);
  }
  json["metadata"] = *answer.metadata;
  return json;
}

std::string answer(const FlagSet& set, const std::string& line, std::size_t number,
                   std::ostream& out) {
  const auto stated = server::read_json(line);
  if (stated.has_error()) return stated.error().what;
  Question question;
  question.at = std::chrono::floor<std::chrono::seconds>(SystemClock().wall());
  if (std::string fault = read_question(*stated, question); !fault.empty()) return fault;
  const auto answered = set.evaluate(question.key, question.context, question.at, question.type);
  out << to_json(answered, question, number).dump() << "\n";
  return {};
}

}  // namespace

ExitCode flags_evaluate(const FlagsEvaluateOptions& options, std::istream& in, std::ostream& out,
                        std::ostream& errors) {
  const std::optional<FlagSet> set = read_flags(options.definitions, errors);
  if (!set.has_value()) return kConfigInvalid;
  bool is_ok = true;
  bool is_too_long = false;
  std::string line;
  for (std::size_t number = 1; out && read_line(in, kQuestionBytes, line, is_too_long); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string fault = is_too_long ? "is over " + std::to_string(kQuestionBytes) + " bytes"
                                          : answer(*set, line, number, out);
    if (fault.empty()) continue;
    is_ok = false;
    errors << "line " << number << ": " << fault << "\n";
  }
  out.flush();
  return is_ok && out ? kOk : kFailed;
}

}  // namespace readback::guard
