#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "probes/classify.h"
#include "probes/payload.h"
#include "probes/token.h"
#include "probes/unicode.h"

// Faults that applications really have, each planted into every text of the corpus.

namespace readback::probes {
namespace {

using Fault = std::function<std::u32string(std::u32string)>;

std::u32string replace_all(std::u32string text, std::u32string_view what, std::u32string_view by) {
  for (auto at = text.find(what); at != std::u32string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::u32string escape_html(std::u32string text) {
  text = replace_all(std::move(text), U"&", U"&amp;");
  text = replace_all(std::move(text), U"<", U"&lt;");
  text = replace_all(std::move(text), U">", U"&gt;");
  text = replace_all(std::move(text), U"\"", U"&quot;");
  return replace_all(std::move(text), U"'", U"&#39;");
}

std::u32string strip_slashes(std::u32string text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\\' && i + 1 < text.size()) ++i;
    result.push_back(text[i]);
  }
  return result;
}

std::u32string to_latin_1(std::u32string text) {
  for (char32_t& c : text) c = c > 0xFF ? U'?' : c;
  return text;
}

std::u32string trimmed(std::u32string text) {
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_blank));
  return text;
}

std::u32string upper(std::u32string text) {
  for (char32_t& c : text) c = c >= U'a' && c <= U'z' ? c - 0x20 : c;
  return text;
}

struct Planted {
  const char* name;
  Fault apply;
  std::set<LossClass> expected;  // more than one where an earlier rule holds for some texts, too
};

const std::vector<Planted>& faults() {
  using enum LossClass;
  static const std::vector<Planted> all = {
      {"cut in half", [](auto text) { return text.substr(0, text.size() / 2); }, {truncated_tail}},
      {"cut by one",
       [](auto text) { return text.substr(0, text.size() - 1); },
       {truncated_tail, edge_whitespace}},
      {"cut with an ellipsis",
       [](auto text) { return text.substr(0, text.size() / 2) + U"..."; },
       {truncated_tail}},
      {"half lost at the start",
       [](auto text) { return text.substr(text.size() / 2); },
       {truncated_head}},
      {"a hole",
       [](auto text) { return text.erase(text.size() / 3, text.size() / 3); },
       {truncated_middle}},
      {"no four-byte characters",
       [](auto text) {
         std::erase_if(text, [](char32_t c) { return c > 0xFFFF; });
         return text;
       },
       {chars_dropped}},
      {"stored in Latin-1", to_latin_1, {chars_replaced}},
      {"escaped for HTML", escape_html, {escaped}},
      {"escaped for HTML twice",
       [](auto text) { return escape_html(escape_html(text)); },
       {escaped}},
      {"a level of backslashes lost", strip_slashes, {unescaped}},
      {"trimmed", trimmed, {edge_whitespace}},
      {"LF for CRLF",
       [](auto text) { return replace_all(text, U"\r\n", U"\n"); },
       {newline_changed}},
      {"one line",
       [](auto text) { return replace_all(text, U"\n", U" "); },
       {whitespace_changed, edge_whitespace}},
      {"shouting", upper, {case_changed, type_coerced}},
      {"put twice", [](auto text) { return text + text; }, {duplicated}},
      {"signed", [](auto text) { return text + U" (dictated)"; }, {extended}},
      {"composed", [](auto text) { return to_nfc(text); }, {unicode_normalised}},
      {"UTF-8 for windows-1252",
       [](auto text) { return recode(text, "UTF-8", "windows-1252").value_or(text); },
       {mojibake}},
      {"blanked", [](auto) { return std::u32string(U" \n"); }, {emptied}},
  };
  return all;
}

}  // namespace

TEST_SUITE("probes/corpus_faults") {
  TEST_CASE("a planted fault is seen in every text that it changes") {
    std::map<std::string, int> seen;
    for (const PayloadClass& payload_class : payload_classes()) {
      if (!payload_class.in_text_field || !payload_class.has_nonce) continue;
      for (std::uint64_t seed = 1; seed < 7; ++seed) {
        const std::string text = make_text(payload_class.name, seed, "interview").value();
        for (const Planted& fault : faults()) {
          CAPTURE(payload_class.name);
          CAPTURE(seed);
          CAPTURE(fault.name);
          Reading reading;
          reading.written = text;
          reading.readback = encode_utf8(fault.apply(decode_utf8(text)));
          reading.others = {make_text(payload_class.name, seed, "conclusion").value()};
          if (reading.readback == text) continue;
          ++seen[fault.name];
          const Classification result = classify(reading);
          CAPTURE(result.explanation);
          CAPTURE(to_string(result.loss_class));
          CHECK(fault.expected.contains(result.loss_class));
          CHECK(is_loss(result.loss_class, {}));
          CHECK(result.explanation.find(token(seed, "interview")) == std::string::npos);
        }
      }
    }
    for (const Planted& fault : faults()) CHECK(seen[fault.name] > 0);
  }

  TEST_CASE("another field's text, and another patient's, are foreign; the one before is stale") {
    for (const PayloadClass& payload_class : payload_classes()) {
      if (!payload_class.in_text_field || !payload_class.has_nonce) continue;
      CAPTURE(payload_class.name);
      Reading reading;
      reading.written = make_text(payload_class.name, 1, "interview").value();
      reading.previous = make_text(payload_class.name, 2, "interview").value();
      reading.readback = make_text(payload_class.name, 1, "conclusion").value();
      CHECK(classify(reading).loss_class == LossClass::foreign);
      reading.readback = make_text(payload_class.name, 3, "interview").value();
      CHECK(classify(reading).loss_class == LossClass::foreign);
      reading.readback = encode_utf8(escape_html(decode_utf8(reading.readback)));
      CHECK(classify(reading).loss_class == LossClass::foreign);
      reading.readback = *reading.previous;
      CHECK(classify(reading).loss_class == LossClass::stale);
    }
  }

  TEST_CASE("the longest texts are classified, whatever became of them") {
    std::u32string text, shuffled;
    for (char32_t i = 0; text.size() < 100'000; ++i) {
      text += U"<b>mot " + decode_utf8(std::to_string(i * 7'919 % 10'007)) + U" & \\n %41 ";
      shuffled += U"autre " + decode_utf8(std::to_string(i * 6'007 % 9'973)) + U"\n&amp;&lt;? ";
    }
    Reading reading;
    reading.written = encode_utf8(text);
    reading.readback = encode_utf8(shuffled);
    CHECK(classify(reading).loss_class == LossClass::unrelated);
    std::u32string damaged = text;
    for (std::size_t i = 50; i < damaged.size(); i += 100) damaged[i] = U'\u00A4';
    reading.readback = encode_utf8(damaged);
    CHECK(classify(reading).loss_class == LossClass::altered);
    reading.readback = std::string(text.size(), '?');
    CHECK(classify(reading).loss_class == LossClass::chars_replaced);
    reading.written = encode_utf8(std::u32string(100'000, U'<'));
    reading.readback = encode_utf8(std::u32string(100'000, U'&'));
    CHECK(classify(reading).loss_class == LossClass::unrelated);
  }

  TEST_CASE("what a field tolerates is no loss, and a refusal passes only where it is allowed") {
    using enum LossClass;
    for (std::size_t i = 0; i < kLossClasses; ++i) {
      const auto loss_class = static_cast<LossClass>(i);
      CAPTURE(to_string(loss_class));
      const bool never =
          loss_class == equal || loss_class == null_for_empty || loss_class == indeterminate;
      CHECK(is_loss(loss_class, {}) == !never);
      CHECK_FALSE(is_loss(loss_class, {loss_class}));
      const auto expected = loss_class == indeterminate ? Outcome::info
                            : never                     ? Outcome::ok
                                                        : Outcome::fail;
      CHECK(judge(loss_class, {}, false) == expected);
    }
    CHECK(judge(write_rejected, {}, true) == Outcome::ok);
    CHECK(judge(truncated_tail, {}, true) == Outcome::fail);
    CHECK(judge(truncated_tail, {edge_whitespace}, false) == Outcome::fail);
    CHECK(judge(edge_whitespace, {edge_whitespace}, false) == Outcome::ok);
  }
}

}  // namespace readback::probes
