#include "guard/schema.h"

#include <algorithm>
#include <cassert>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace readback::guard {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

// "<root>", "[flags]", "[0]" -> "/flags/0"
std::string pointer(const std::vector<std::string>& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i) {
    pointer = member(pointer, std::string_view(context[i]).substr(1, context[i].size() - 2));
  }
  return pointer;
}

// Whether an error only says that something within is wrong, which has an error of its own.
bool is_of_within(const std::string& description) {
  return description.starts_with("Failed to validate") &&
         !description.starts_with("Failed to validate against exactly one");
}

}  // namespace

void check_schema(const Document& document, std::string_view schema, std::vector<Fault>& faults) {
  const nlohmann::json parsed = nlohmann::json::parse(schema);
  valijson::Schema compiled;
  valijson::SchemaParser parser;
  parser.populateSchema(Adapter(parsed), compiled);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(compiled, Adapter(document.json), &results)) return;
  std::set<std::string> places;
  for (const auto& error : results) {
    if (!is_of_within(error.description)) places.insert(pointer(error.context));
  }
  if (places.empty()) places.insert("");
  tell_refused(document, parsed, places, faults);
}

}  // namespace readback::guard
