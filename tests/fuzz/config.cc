// Any bytes as guard.yaml, guard.json or a plan: refused or taken, and never a crash. Corpora:
// configs/*.yaml and configs/demo/*.yaml.
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "embedded/guard_schema.h"
#include "embedded/plan_schema.h"
#include "flags/definition.h"
#include "guard/document.h"
#include "guard/schema.h"
#include "probes/plan_parse.h"

namespace {

using namespace readback;

void take(const char* file, std::string_view text) {
  std::vector<guard::Fault> faults;
  const auto document = guard::parse_document(file, text, faults);
  if (!document) {
    assert(!faults.empty());
    return;
  }
  guard::check_end(*document, faults);
  guard::check_schema(*document, embedded::guard_schema, faults);
  guard::check_schema(*document, embedded::plan_schema, faults);
  std::vector<flags::Problem> flag_problems;
  const auto flag = flags::parse_flag(document->json, "", flag_problems);
  assert(flag.has_value() == flag_problems.empty());
  if (document->json.contains("flags") && document->json.at("flags").is_array()) {
    for (const auto& one : document->json.at("flags")) flags::parse_flag(one, "", flag_problems);
  }
  std::vector<probes::Problem> plan_problems;
  const auto plan = probes::parse_plan(document->json, plan_problems);
  assert(plan.has_value() == plan_problems.empty());
  const guard::Consequences consequences(*document, faults);
  for (const probes::Problem& problem : plan_problems) {
    document->value_at(problem.where);
    consequences.holds(problem.where);
  }
  for (const guard::Fault& fault : guard::in_order(faults, {file})) to_string(fault);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  take("fuzz.yaml", text);
  take("fuzz.json", text);
  return 0;
}
