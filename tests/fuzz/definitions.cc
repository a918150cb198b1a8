// Any JSON as flag definitions in flagd's format, and as the context of who asks: a refusal, or an
// answer for each flag that the set itself agrees with, and never a crash or a hang. Input: the
// definitions, a zero byte, the context.
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "flags/flagd/flag_set.h"
#include "guard/server/json_request.h"

namespace {

using namespace readback;
using nlohmann::json;

void take(const json& definitions, const json& context) {
  using namespace std::chrono_literals;
  std::vector<flags::Problem> problems;
  const auto set = flags::flagd::FlagSet::parse(definitions, problems);
  assert(set.has_value() || !problems.empty());
  if (!set.has_value()) return;
  for (const flags::flagd::Answer& answer : set->evaluate_all(context, 1'764'028'800s)) {
    const bool is_error = answer.reason == flags::flagd::Reason::error;
    assert(is_error == (answer.error != flags::flagd::ErrorCode::none));
    assert(answer.value != nullptr || answer.variant.empty());
    assert(!is_error || answer.value == nullptr);
    assert(answer.metadata != nullptr);
    const auto again = set->evaluate(answer.key, context, 1'764'028'800s);
    assert(again.value == answer.value && again.reason == answer.reason);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t zero = text.find('\0');
  const auto definitions = guard::server::read_json(text.substr(0, zero), 128);
  if (definitions.has_error()) return 0;
  auto context = guard::server::read_json(zero == text.npos ? "{}" : text.substr(zero + 1));
  take(*definitions, context.has_value() && context->is_object() ? *context : json::object());
  return 0;
}
