#include "probes/readback.h"

#include <algorithm>

#include "probes/classify.h"
#include "probes/digest.h"
#include "probes/extract.h"
#include "probes/payload.h"
#include "probes/token.h"

namespace readback::probes {
namespace {

using nlohmann::json;

const WrittenField* find_written(const ReadBack& read_back, std::string_view field) {
  for (const auto* all : {&read_back.fields, &read_back.beside})
    for (const auto& one : *all)
      if (one.field == field) return &one;
  return nullptr;
}

std::optional<json> value_of(const ReadBack& read_back, std::string_view name) {
  const auto& record = read_back.record;
  if (name == "practitioner") return record.practitioner;
  if (name == "patient") return record.patient;
  const auto colon = name.find(':');
  if (colon == name.npos) {
    const auto found = record.captures.find(std::string(name));
    return found == record.captures.end() ? std::nullopt : std::optional(found->second);
  }
  const auto* written = find_written(read_back, name.substr(colon + 1));
  if (written == nullptr) return std::nullopt;
  if (name.starts_with("nonce:")) return token(written->seed, written->field);
  const auto text = make_text(read_back.payload_class, written->seed, written->field);
  return text ? std::optional<json>(*text) : std::nullopt;
}

Lookup lookup_of(const ReadBack& read_back) {
  return [&read_back](std::string_view name) { return value_of(read_back, name); };
}

const Read* find_read(const Plan& plan, const ReadBack& read_back) {
  const auto* journey = plan.journey(read_back.record.journey);
  return journey == nullptr ? nullptr : journey->read(read_back.read.path);
}

// What a reply says of the whole record.
struct Found {
  Reading::ReadState state = Reading::ReadState::failed;
  const json* record = nullptr;  // with state ok
  std::string explanation;
};

Found find_record(const Read& read, const Response& response, const json* body,
                  const Lookup& lookup) {
  using ReadState = Reading::ReadState;
  const auto status = "status " + std::to_string(response.status);
  if (response.status == 404 || response.status == 410)
    return {ReadState::no_record, nullptr, status};
  if (says_nothing(response.status)) return {ReadState::failed, nullptr, status};
  if (read.acknowledged) {
    if (auto why = unmet(*read.acknowledged, response.status, body, lookup))
      return {ReadState::failed, nullptr, *why};
  } else if (response.status >= 400) {
    return {ReadState::failed, nullptr, status};
  }
  if (body == nullptr) return {ReadState::failed, nullptr, "the body is no JSON"};
  const auto selected = select(*body, read.selection, lookup);
  if (selected.is_absent) return {ReadState::no_record, nullptr, selected.explanation};
  if (selected.record == nullptr) return {ReadState::failed, nullptr, selected.explanation};
  return {ReadState::ok, selected.record, ""};
}

// The text again, or nothing if it is not the one that was written.
std::optional<std::string> text_again(const ReadBack& read_back, const WrittenField& written) {
  auto text = make_text(read_back.payload_class, written.seed, written.field);
  if (!text || sha256_hex(*text) != written.sha256) return std::nullopt;
  return *std::move(text);
}

void add_text(std::vector<std::string>& texts, std::string_view payload_class, std::uint64_t seed,
              std::string_view field) {
  if (auto text = make_text(payload_class, seed, field)) texts.push_back(*std::move(text));
}

std::vector<std::string> texts_elsewhere(const ReadBack& read_back, const WrittenField& written,
                                         const std::vector<Elsewhere>& elsewhere) {
  std::vector<std::string> texts;
  for (const auto* all : {&read_back.fields, &read_back.beside}) {
    for (const auto& other : *all) {
      if (other.field == written.field) continue;
      add_text(texts, read_back.payload_class, other.seed, other.field);
      if (other.previous_seed)
        add_text(texts, read_back.payload_class, *other.previous_seed, other.field);
    }
  }
  for (const auto& other : elsewhere) add_text(texts, other.payload_class, other.seed, other.field);
  return texts;
}

// Fills the read half of `reading` from what is at `pointer`.
void read_field(const Found& found, const std::string& pointer, Reading& reading) {
  reading.read_state = found.state;
  if (found.state != Reading::ReadState::ok) return;
  const auto* value = find_at(*found.record, pointer);
  if (value == nullptr) {
    reading.read_state = Reading::ReadState::no_field;
  } else if (value->is_null()) {
    reading.read_state = Reading::ReadState::null_value;
  } else {
    reading.readback = value->is_string() ? value->get<std::string>() : value->dump();
  }
}

FieldReading unknown(const std::string& field, std::string why, bool is_final) {
  return {field, Outcome::info, LossClass::indeterminate, is_final, std::move(why)};
}

FieldReading judge_field(const Plan& plan, const ReadBack& read_back, const WrittenField& written,
                         const Found& found, const std::string& pointer,
                         const std::vector<Elsewhere>& elsewhere) {
  const auto* field = plan.field(written.field);
  if (field == nullptr)
    return unknown(written.field, "the plan has no field '" + written.field + "' any more", true);
  const auto text = text_again(read_back, written);
  if (!text) return unknown(written.field, "the text that was written cannot be made again", true);
  Reading reading;
  reading.written = *text;
  read_field(found, pointer, reading);
  const auto& payload_class = read_back.payload_class;
  if (written.unknown_seed && reading.read_state == Reading::ReadState::ok) {
    const auto later = make_text(payload_class, *written.unknown_seed, written.field);
    if (later && reading.readback == *later)
      return unknown(written.field, "a later write, whose answer is not known, was stored", true);
  }
  if (written.previous_seed) {
    const auto previous = make_text(payload_class, *written.previous_seed, written.field);
    if (previous) reading.previous = *previous;
  }
  // Dear to make again, and asked only about a text that differs.
  if (reading.read_state == Reading::ReadState::ok && reading.readback != reading.written)
    reading.others = texts_elsewhere(read_back, written, elsewhere);
  const auto classification = classify(reading);
  FieldReading result;
  result.field = written.field;
  result.loss_class = classification.loss_class;
  result.outcome = judge(classification.loss_class, field->tolerates, /*may_be_refused=*/false);
  result.explanation = found.explanation.empty() ? classification.explanation : found.explanation;
  if (reading.read_state == Reading::ReadState::no_field)
    result.explanation = advice(*found.record, pointer);
  return result;
}

}  // namespace

bool has_names(const Read& read, const ReadBack& read_back) {
  const auto is_known = [&](const json& strings) {
    const auto names = body_placeholders(strings);
    return names && std::all_of(names->begin(), names->end(), [&](const std::string& name) {
             return value_of(read_back, name).has_value();
           });
  };
  const auto& headers = read.call.headers;
  return is_known(read.call.url) && (!read.call.body || is_known(*read.call.body)) &&
         (!read.selection || !read.selection->where || is_known(read.selection->where->equals)) &&
         std::all_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return is_known(header.second); });
}

Result<Exchange> request(const Plan& plan, const ReadBack& read_back) {
  const auto* read = find_read(plan, read_back);
  if (read == nullptr)
    return Problem{"", "the plan has no path " + read_back.read.path + " of journey " +
                           read_back.record.journey + " any more"};
  return make_exchange(plan, read->call, read_back.record.practitioner, lookup_of(read_back),
                       plan.target.time_out);
}

std::vector<FieldReading> judge(const Plan& plan, const ReadBack& read_back, const Reply& reply,
                                const std::vector<Elsewhere>& elsewhere) {
  std::vector<FieldReading> readings;
  const auto* read = find_read(plan, read_back);
  const auto body = reply.has_value() ? parse_body(reply->body) : std::nullopt;
  Found found;
  if (reply.has_error()) {
    found.explanation = told(reply);
  } else if (read != nullptr) {
    found = find_record(*read, *reply, body ? &*body : nullptr, lookup_of(read_back));
  }
  for (const auto& written : read_back.fields) {
    const auto pointer = read == nullptr ? std::map<std::string, std::string>::const_iterator()
                                         : read->fields.find(written.field);
    if (read == nullptr || pointer == read->fields.end())
      readings.push_back(
          unknown(written.field, "the plan does not read it by this path any more", true));
    else
      readings.push_back(judge_field(plan, read_back, written, found, pointer->second, elsewhere));
  }
  return readings;
}

}  // namespace readback::probes
