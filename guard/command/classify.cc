#include "guard/command/classify.h"

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "guard/command/read_line.h"
#include "guard/server/json_request.h"
#include "probes/classify.h"
#include "probes/impact.h"
#include "probes/reading.h"
#include "probes/unicode.h"

namespace readback::guard {
namespace {

using Json = nlohmann::ordered_json;  // The order of members is the manual's.

Json to_json(const probes::Span& span, const std::vector<std::string>& names,
             const std::string* text) {
  Json json{{"offset", span.offset}, {"length", span.length}, {"code_points", names}};
  if (text != nullptr) {
    const std::u32string whole = probes::decode_utf8(*text);
    json["text"] = probes::encode_utf8(whole.substr(span.offset, span.length));
  }
  return json;
}

Json to_json(const probes::Reading& reading, bool shows_text) {
  const probes::Classification found = classify(reading);
  const std::string* const written = shows_text ? &reading.written : nullptr;
  const std::string* const read = shows_text ? &reading.readback : nullptr;
  return {{"class", to_string(found.loss_class)},
          {"impact", to_string(impact_of(found.loss_class))},
          {"span",
           {{"written", to_json(found.in_written, found.names_in_written, written)},
            {"read", to_json(found.in_read, found.names_in_read, read)}}},
          {"explanation", found.explanation}};
}

// What is wrong with the line, or nothing once its answer is in `out`.
std::string answer(const std::string& line, std::size_t number, bool shows_text,
                   std::ostream& out) {
  const Result<nlohmann::json> stated = server::read_json(line);
  if (stated.has_error()) return stated.error().what;
  const probes::Result<probes::Reading> reading = probes::reading_from_json(*stated);
  if (reading.has_error()) {
    const std::string& where = reading.error().where;
    return (where.empty() ? "" : where + " ") + reading.error().what;
  }
  Json json{{"line", number}};
  json.update(to_json(*reading, shows_text));
  out << json.dump() << "\n";
  return {};
}

}  // namespace

ExitCode classify_lines(const ClassifyOptions& options, std::istream& in, std::ostream& out,
                        std::ostream& errors) {
  bool is_ok = true;
  std::string line;
  bool is_too_long = false;
  for (std::size_t number = 1; out && read_line(in, kClassifiedLine, line, is_too_long); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string fault = is_too_long ? "is over " + std::to_string(kClassifiedLine) + " bytes"
                                          : answer(line, number, options.shows_text, out);
    if (fault.empty()) continue;
    is_ok = false;
    errors << "line " << number << ": " << fault << "\n";
  }
  out.flush();
  return is_ok && out ? kOk : kFailed;
}

}  // namespace readback::guard
