// Any bytes as an application's answer: read, judged and told of, and never a crash. However the
// bytes are cut on the way, they come to the same; each field gets a reading; no explanation holds
// what was written; and a text that the answer doesn't hold is never found ok.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "embedded/demo_plan.h"
#include "guard/document.h"
#include "probes/digest.h"
#include "probes/payload.h"
#include "probes/plan_parse.h"
#include "probes/readback.h"
#include "probes/response_reader.h"
#include "probes/token.h"

namespace {
using namespace readback;

constexpr std::size_t kReplyBytes = std::size_t{1} << 14;
constexpr std::uint64_t kSeed = 51;

void must(bool holds) {
  if (!holds) std::abort();
}

probes::Plan demo_plan() {
  std::vector<guard::Fault> faults;
  const auto document = guard::parse_document("plan.yaml", embedded::demo_plan, faults);
  must(document.has_value());
  std::vector<probes::Problem> problems;
  auto plan = probes::parse_plan(document->json, problems);
  must(plan.has_value());
  return *std::move(plan);
}

std::string text(const std::string& field) {
  return probes::make_text("any", kSeed, field).value();
}

probes::ReadBack read_by(const probes::Journey& journey, const probes::Read& read) {
  probes::ReadBack back;
  back.record = {journey.name, "synthetic-01", "synthetic-01-a", {{"visit", "7"}}};
  back.payload_class = "any";
  back.read = {read.path, read.delays.front()};
  for (const auto& [field, pointer] : read.fields) {
    back.fields.push_back({.field = field,
                           .seed = kSeed,
                           .sha256 = probes::sha256_hex(text(field)),
                           .previous_seed = kSeed - 1,
                           .unknown_seed = {}});
  }
  return back;
}

probes::Reply read_in(std::string_view bytes, std::size_t piece) {
  probes::ResponseReader reader(kReplyBytes, true);
  for (std::size_t at = 0; at < bytes.size() && !reader.outcome(); at += piece)
    reader.feed(bytes.substr(at, piece));
  if (!reader.outcome()) reader.end(true);
  must(reader.outcome().has_value());
  return *reader.outcome();
}

bool is_same(const probes::Reply& one, const probes::Reply& other) {
  if (one.has_error() != other.has_error()) return false;
  if (one.has_error()) return one.error() == other.error();
  return one->status == other->status && one->headers == other->headers && one->body == other->body;
}

void judge(const probes::Plan& plan, const probes::Reply& reply) {
  for (const probes::Journey& journey : plan.journeys) {
    for (const probes::Read& read : journey.reads) {
      const probes::ReadBack back = read_by(journey, read);
      const auto readings = probes::judge(plan, back, reply);
      must(readings.size() == back.fields.size());
      for (const probes::FieldReading& reading : readings) {
        const std::string token = text(reading.field).substr(0, probes::kTokenLength);
        must(reading.explanation.find(token) == std::string::npos);
        if (reading.outcome == probes::Outcome::ok)
          must(reply.has_value() && reply->body.find(token) != std::string::npos);
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size_bytes) {
  static const probes::Plan plan = demo_plan();
  const std::string_view bytes(reinterpret_cast<const char*>(input), size_bytes);
  const probes::Reply whole = read_in(bytes, std::max<std::size_t>(1, bytes.size()));
  must(is_same(whole, read_in(bytes, 1)));
  must(is_same(whole, read_in(bytes, 7)));
  judge(plan, whole);
  // Most inputs are no HTTP: as a body they reach the judge all the same.
  judge(plan, probes::Response{.status = 200, .headers = {}, .body = std::string(bytes)});
  return 0;
}
