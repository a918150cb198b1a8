#include "probes/classify.h"

#include <algorithm>
#include <array>
#include <utility>

#include "probes/comparison.h"
#include "probes/unicode.h"

namespace readback::probes {
namespace {

struct Rule {
  LossClass loss_class;
  Holds (*holds)(const Comparison& texts);
};

constexpr std::array<Rule, 24> kRules{{
    {LossClass::stale, is_stale},
    {LossClass::superseded, is_superseded},
    {LossClass::emptied, is_emptied},
    {LossClass::foreign, is_foreign},
    {LossClass::newline_changed, is_newline_changed},
    {LossClass::edge_whitespace, is_edge_whitespace},
    {LossClass::whitespace_changed, is_whitespace_changed},
    {LossClass::unicode_normalised, is_unicode_normalised},
    {LossClass::escaped, is_escaped},
    {LossClass::unescaped, is_unescaped},
    {LossClass::type_coerced, is_type_coerced},
    {LossClass::case_changed, is_case_changed},
    {LossClass::typography_changed, is_typography_changed},
    {LossClass::mojibake, is_mojibake},
    {LossClass::markup_rewritten, is_markup_rewritten},
    {LossClass::duplicated, is_duplicated},
    {LossClass::extended, is_extended},
    {LossClass::chars_replaced, is_chars_replaced},
    {LossClass::chars_dropped, is_chars_dropped},
    {LossClass::markup_stripped, is_markup_stripped},
    {LossClass::truncated_tail, is_truncated_tail},
    {LossClass::truncated_head, is_truncated_head},
    {LossClass::truncated_middle, is_truncated_middle},
    {LossClass::fragmented, is_fragmented},
}};
static_assert(std::is_sorted(kRules.begin(), kRules.end(), [](const Rule& a, const Rule& b) {
  return a.loss_class < b.loss_class;
}));

Classification outcome(LossClass loss_class, std::string explanation) {
  Classification result;
  result.loss_class = loss_class;
  result.explanation = std::move(explanation);
  return result;
}

// The rules that compare no texts; nullopt if there are two to compare.
std::optional<Classification> classify_outcome(const Reading& reading) {
  using enum LossClass;
  using WriteState = Reading::WriteState;
  using ReadState = Reading::ReadState;
  if (reading.write_state == WriteState::refused) {
    return outcome(write_rejected, "the write was refused");
  }
  if (reading.write_state == WriteState::unknown) {
    return outcome(indeterminate, "whether the write took place is not known");
  }
  if (reading.read_state == ReadState::failed) return outcome(indeterminate, "the read failed");
  if (reading.read_state == ReadState::no_record) {
    return outcome(record_missing, "the write was acknowledged, and there is no such record");
  }
  if (reading.read_state == ReadState::ok) return std::nullopt;
  const bool is_null = reading.read_state == ReadState::null_value;
  const std::string found = is_null ? "the field is null" : "the record has no such field";
  if (reading.written.empty()) return outcome(null_for_empty, found + ", as good as empty");
  return outcome(field_missing, found);
}

bool may_be_named(char32_t c) {
  return !is_letter_or_digit(c) || (c >= 0x80 && is_latin(c));
}

std::vector<std::string> names_of(std::u32string_view text) {
  constexpr std::size_t kMostNames = 3;
  constexpr std::size_t kFarthest = 1'000;  // code points that are looked at
  text = text.substr(0, kFarthest);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < text.size() && names.size() < kMostNames; ++i) {
    const bool is_first = text.find(text[i]) == i;
    if (is_first && may_be_named(text[i])) names.push_back(name_of(text[i]));
  }
  return names;
}

std::string describe(std::string_view verb, Span span, const std::vector<std::string>& names) {
  std::string words = std::string(verb) + " " + std::to_string(span.length) + " from " +
                      std::to_string(span.offset);
  for (const std::string& name : names) words += (&name == &names.front() ? ": " : ", ") + name;
  return words;
}

std::vector<std::u32string> decode_all(const std::vector<std::string>& texts) {
  std::vector<std::u32string> decoded;
  for (const std::string& text : texts) decoded.push_back(decode_utf8(text));
  return decoded;
}

std::pair<LossClass, std::string> first_rule(const Comparison& texts) {
  for (const Rule& rule : kRules) {
    auto why = rule.holds(texts);
    if (why) return {rule.loss_class, std::move(*why)};
  }
  const auto percent = static_cast<int>(100 * similarity(texts.written, texts.read));
  const std::string words = std::to_string(percent) + " % of the longer text is the same";
  return {percent >= 50 ? LossClass::altered : LossClass::unrelated, words};
}

}  // namespace

Classification classify(const Reading& reading) {
  if (auto result = classify_outcome(reading)) return *std::move(result);
  Comparison texts;
  texts.written = decode_utf8(reading.written);
  texts.read = decode_utf8(reading.readback);
  if (texts.written == texts.read) return outcome(LossClass::equal, "the same code points");
  if (reading.previous) texts.previous = decode_utf8(*reading.previous);
  texts.concurrent = decode_all(reading.concurrent);
  texts.others = decode_all(reading.others);

  const Difference apart = difference(texts.written, texts.read);
  auto [loss_class, why] = first_rule(texts);
  Classification result = outcome(loss_class, std::move(why));
  result.in_written = apart.in_written;
  result.in_read = apart.in_read;
  const auto part = [](std::u32string_view text, Span span) {
    return text.substr(span.offset, span.length);
  };
  result.names_in_written = names_of(part(texts.written, apart.in_written));
  result.names_in_read = names_of(part(texts.read, apart.in_read));
  result.explanation +=
      "; differing code points: " + describe("written", apart.in_written, result.names_in_written) +
      "; " + describe("read", apart.in_read, result.names_in_read);
  return result;
}

bool is_loss(LossClass loss_class, const std::set<LossClass>& tolerated) {
  using enum LossClass;
  if (loss_class == equal || loss_class == null_for_empty || loss_class == indeterminate) {
    return false;
  }
  return !tolerated.contains(loss_class);
}

Outcome judge(LossClass loss_class, const std::set<LossClass>& tolerated, bool may_be_refused) {
  if (loss_class == LossClass::indeterminate) return Outcome::info;
  if (loss_class == LossClass::write_rejected && may_be_refused) return Outcome::ok;
  return is_loss(loss_class, tolerated) ? Outcome::fail : Outcome::ok;
}

}  // namespace readback::probes
