#include "guard/command/corpus.h"

#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>

#include "probes/payload.h"

namespace readback::guard {
namespace {

using Json = nlohmann::ordered_json;  // The order of members is the manual's.

Json to_json(const probes::PayloadClass& one) {
  return {{"payload_class", one.name},
          {"what", one.what},
          {"policy", one.policy},
          {"carried_by_text_field", one.in_text_field},
          {"has_nonce", one.has_nonce},
          {"is_default", one.is_default},
          {"may_be_refused", one.may_be_refused},
          {"bugs", one.bugs}};
}

void print(const probes::PayloadClass& one, std::ostream& out) {
  out << one.name << ": " << one.what << "\n";
  out << "  a product may: " << one.policy << "\n";
  if (!one.has_nonce) out << "  has no nonce: each text needs a record of its own\n";
  out << "  bugs behind it:" << (one.bugs.empty() ? " none" : "");
  for (const std::string& bug : one.bugs) out << " " << bug;
  out << "\n";
}

}  // namespace

ExitCode list_corpus(bool as_json, std::ostream& out) {
  Json list = Json::array();
  for (const probes::PayloadClass& one : probes::payload_classes()) {
    list.push_back(to_json(one));
    if (as_json) continue;
    out << std::left << std::setw(18) << one.name << std::setw(9)
        << (!one.in_text_field ? "no text"
            : one.is_default   ? "default"
                               : "")
        << std::right << std::setw(3) << one.bugs.size() << " bugs  " << one.what << "\n";
  }
  if (as_json) out << list.dump(2) << "\n";
  return out ? kOk : kFailed;
}

ExitCode show_corpus(const CorpusOptions& options, std::ostream& out, std::ostream& errors) {
  const probes::PayloadClass* const one = probes::find_payload_class(options.payload_class);
  if (one == nullptr) {
    errors << "guard corpus: there is no such class; `guard corpus list` has them\n";
    return kUsage;
  }
  const auto text = probes::make_text(one->name, options.seed, options.field);
  if (text.has_error() && options.is_raw) {
    errors << "guard corpus: " << text.error().what << "\n";
    return kFailed;
  }
  if (options.is_raw) {
    out << *text;
    return out ? kOk : kFailed;
  }
  Json json = to_json(*one);
  json["seed"] = options.seed;
  json["field"] = options.field;
  json["text"] = text ? Json(*text) : Json();
  if (options.as_json) {
    out << json.dump(2, ' ', true) << "\n";
  } else {
    print(*one, out);
    if (text) out << "  text of seed " << options.seed << ": " << json["text"].dump(-1, ' ', true);
    if (!text) out << "  no text: " << text.error().what;
    out << "\n";
  }
  return out ? kOk : kFailed;
}

}  // namespace readback::guard
