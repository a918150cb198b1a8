#include "probes/journey.h"

#include <algorithm>
#include <cassert>

#include "probes/digest.h"
#include "probes/extract.h"
#include "probes/payload.h"
#include "probes/token.h"

namespace readback::probes {
namespace {

using nlohmann::json;

// A captured value is an id, a version, a token of a form: never a text that was written.
constexpr std::size_t kLongestCapture = 256;  // bytes

bool can_be_captured(const json* value) {
  if (value == nullptr || value->is_null() || value->is_structured()) return false;
  if (!value->is_string()) return true;
  const auto size = value->get_ref<const std::string&>().size();
  return size > 0 && size <= kLongestCapture;
}

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The field of "text:FIELD", or nothing.
std::optional<std::string_view> field_of(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind)) return std::nullopt;
  return name.substr(kind.size());
}

}  // namespace

std::string_view to_string(Walk::State state) {
  switch (state) {
    case Walk::State::running:
      return "running";
    case Walk::State::acknowledged:
      return "acknowledged";
    case Walk::State::refused:
      return "refused";
    case Walk::State::unknown:
      break;
  }
  return "unknown";
}

Walk::Walk(const Plan& plan, Casting casting)
    : plan_(&plan),
      journey_(plan.journey(casting.journey)),
      casting_(std::move(casting)),
      record_{casting_.journey, casting_.practitioner, casting_.patient, {}} {
  assert(journey_ != nullptr && !journey_->steps.empty());
}

std::uint64_t Walk::write_seed() const {
  return casting_.seed + writes_;
}

std::optional<json> Walk::value(std::string_view name) const {
  if (name == "practitioner") return casting_.practitioner;
  if (name == "patient") return casting_.patient;
  const auto& here = journey_->steps[position_].writes;
  if (const auto field = field_of(name, "text:")) {
    const auto text = make_text(casting_.payload_class, write_seed(), *field);
    return text ? std::optional<json>(*text) : std::nullopt;
  }
  if (const auto field = field_of(name, "nonce:")) {
    if (contains(here, *field)) return token(write_seed(), *field);
    const auto written = written_.find(std::string(*field));
    if (written == written_.end()) return std::nullopt;
    return token(written->second.seed, *field);
  }
  const auto found = record_.captures.find(std::string(name));
  return found == record_.captures.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Exchange> Walk::next() {
  if (state_ != State::running) return std::nullopt;
  const auto& call = journey_->steps[position_].call;
  const auto time_out = is_write() ? plan_->write_time_out : plan_->target.time_out;
  const Lookup lookup = [this](std::string_view name) { return value(name); };
  auto exchange = make_exchange(*plan_, call, casting_.practitioner, lookup, time_out);
  if (exchange) return *std::move(exchange);
  taken_.push_back({call.name, is_write(), std::nullopt, State::unknown, exchange.error().what});
  state_ = State::unknown;
  return std::nullopt;
}

void Walk::answered(const Reply& reply) {
  assert(state_ == State::running);
  const auto& step = journey_->steps[position_];
  Taken taken{step.call.name, step.is_write(), std::nullopt, State::unknown, ""};
  if (reply.has_error()) {
    taken.explanation = told(reply);
    doubt(step);
  } else {
    taken.status = reply->status;
    taken.state = take(step, *reply, taken.explanation);
  }
  const bool goes_on = taken.state == State::acknowledged && position_ + 1 < journey_->steps.size();
  state_ = goes_on ? State::running : taken.state;
  if (step.is_write()) ++writes_;
  if (goes_on) ++position_;
  taken_.push_back(std::move(taken));
}

Walk::State Walk::take(const Step& step, const Response& response, std::string& explanation) {
  const auto body = parse_body(response.body);
  const auto* parsed = body ? &*body : nullptr;
  const Lookup lookup = [this](std::string_view name) { return value(name); };
  if (const auto why = unmet(step.acknowledged, response.status, parsed, lookup)) {
    explanation = *why;
    const bool is_told = step.refused && !unmet(*step.refused, response.status, parsed, lookup);
    if (is_told || (response.status >= 400 && !says_nothing(response.status)))
      return State::refused;
    doubt(step);
    return State::unknown;
  }
  keep(step);
  if (step.path_taken) {
    const auto& expected =
        casting_.arm == Arm::treatment ? step.path_taken->treatment : step.path_taken->control;
    const auto* named = parsed ? find_at(*parsed, step.path_taken->pointer) : nullptr;
    took_its_path_ = took_its_path_ && named != nullptr && *named == expected;
  }
  for (const auto& [name, pointer] : step.captures) {
    const auto* value = parsed ? find_at(*parsed, pointer) : nullptr;
    if (can_be_captured(value)) {
      record_.captures[name] = *value;
    } else if (explanation.empty()) {
      explanation = "nothing to capture as " + name;
      if (parsed != nullptr && value == nullptr) explanation += ": " + advice(*parsed, pointer);
    }
  }
  return explanation.empty() ? State::acknowledged : State::unknown;
}

void Walk::keep(const Step& step) {
  for (const auto& field : step.writes) {
    WrittenField written;
    written.field = field;
    written.seed = write_seed();
    // It was sent, so it can be made.
    written.sha256 = sha256_hex(make_text(casting_.payload_class, written.seed, field).value());
    if (const auto before = written_.find(field); before != written_.end())
      written.previous_seed = before->second.seed;
    written_[field] = std::move(written);
  }
}

void Walk::doubt(const Step& step) {
  for (const auto& field : step.writes)
    if (const auto before = written_.find(field); before != written_.end())
      before->second.unknown_seed = write_seed();
}

bool Walk::is_write() const {
  return journey_->steps[position_].is_write();
}
const std::string& Walk::step() const {
  return journey_->steps[position_].call.name;
}

std::vector<ReadBack> Walk::read_backs() const {
  std::vector<ReadBack> result;
  for (const auto& read : journey_->reads) {
    ReadBack one;
    one.record = record_;
    one.block = casting_.block;
    one.member = casting_.member;
    one.arm = casting_.arm;
    one.payload_class = casting_.payload_class;
    one.read.path = read.path;
    one.deadline = read.deadline;
    for (const auto& [name, written] : written_)
      (read.fields.contains(name) ? one.fields : one.beside).push_back(written);
    if (one.fields.empty() || !has_names(read, one)) continue;
    for (const auto delay : read.delays) {
      one.read.delay = delay;
      result.push_back(one);
    }
  }
  return result;
}

}  // namespace readback::probes
