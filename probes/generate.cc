#include "probes/generate.h"

#include <array>
#include <cassert>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "probes/token.h"

namespace readback::probes {
namespace {

constexpr std::size_t kBlock = 16;

const nlohmann::json& in_turn(const nlohmann::json& list, std::uint64_t seed) {
  return list.at(seed % list.size());
}

std::size_t length_in_turn(const nlohmann::json& generator, std::uint64_t seed) {
  const bool in_bytes = generator.contains("bytes");
  return in_turn(generator.at(in_bytes ? "bytes" : "chars"), seed).get<std::size_t>();
}

// So that every text ends where its tail does.
std::string end_with_tail(std::string text, const Nonce& nonce) {
  const std::string end = " " + nonce.tail;
  assert(text.size() > end.size());
  return text.replace(text.size() - end.size(), end.size(), end);
}

std::string markers(std::size_t length, const Nonce& nonce) {
  static_assert(kTokenLength + 1 == kBlock);
  std::string text = nonce.token + " ";
  while (text.size() < length) {
    std::array<char, 24> offset{};
    std::snprintf(offset.data(), offset.size(), "%06zu ", text.size());
    text.append(offset.data()).append(tail(nonce.seed, offset.data())).append(" ");
  }
  text.resize(length);
  return end_with_tail(std::move(text), nonce);
}

std::string repeated(std::string_view unit, std::size_t length, const Nonce& nonce) {
  std::string text = nonce.token + " ";
  while (text.size() < length) text.append(unit);
  text.resize(length);  // The units are ASCII: a byte is a character.
  return end_with_tail(std::move(text), nonce);
}

std::string clinical(const nlohmann::json& lines, std::size_t count, const Nonce& nonce) {
  std::string text = nonce.token + " compte rendu, page 1\u20133, dict\u00e9 puis relu\n";
  for (std::size_t i = 0; i + 2 < count; ++i) {
    text += in_turn(lines, nonce.seed % lines.size() + i).get<std::string>() + "\n";
  }
  return text + "Fin du compte rendu " + nonce.tail;
}

nlohmann::ordered_json block(const char* type, const std::string& text) {
  return {{"type", type}, {"data", {{"text", text}}}};
}

std::string editor_document(const Nonce& nonce) {
  const nlohmann::ordered_json blocks = {
      block("paragraph",
            nonce.token + " voir <a href=\"https://example.org/?a=1&amp;b=2\">lien</a>"),
      block("paragraph", "dose <code class=\"inline-code\">x = \"1\" \\ y</code> mg"),
      block("quote", "\u00ab\u00a0j\u2019ai mal\u00a0\u00bb, dit-elle " + nonce.tail)};
  return nlohmann::ordered_json{{"blocks", blocks}, {"version", "2.28.2"}}.dump();
}

}  // namespace

std::string generate(const nlohmann::json& generator, const nlohmann::json& corpus,
                     const Nonce& nonce) {
  const auto name = generator.at("gen").get<std::string>();
  if (name == "markers16") return markers(length_in_turn(generator, nonce.seed), nonce);
  if (name == "repeat") {
    return repeated(generator.at("unit").get<std::string>(), generator.at("chars"), nonce);
  }
  if (name == "clinical_lines") {
    return clinical(corpus.at("clinical_lines"), generator.at("lines"), nonce);
  }
  if (name == "editor_json") return editor_document(nonce);
  throw std::logic_error("the corpus names an unknown generator: " + name);
}

}  // namespace readback::probes
