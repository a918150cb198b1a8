#include "guard/latch_format.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <optional>

#include "flags/flag.h"
#include "guard/digest.h"

namespace readback::guard {
namespace {

using nlohmann::json;

constexpr std::size_t kSealBytes = 64 + 1;
constexpr std::size_t kStateBytes = kLatchBlockBytes - kLatchNameBytes;
constexpr int kVersion = 1;

std::string seal(const json& content, std::size_t size) {
  std::string text = content.dump();
  assert(text.size() <= size - kSealBytes);
  text.resize(size - kSealBytes, ' ');
  return text + to_hex(sha256(text)) + "\n";
}

std::optional<json> unseal(std::string_view bytes) {
  const std::string_view text = bytes.substr(0, bytes.size() - kSealBytes);
  if (bytes.substr(text.size()) != to_hex(sha256(text)) + "\n") return std::nullopt;
  json content = json::parse(text.substr(0, text.find_last_not_of(' ') + 1), nullptr, false);
  if (!content.is_object()) return std::nullopt;
  return content;
}

// At most `size` bytes of well-formed UTF-8 without control characters, which a terminal would
// obey.
std::string cut(std::string_view text, std::size_t size) {
  const auto begin = text.substr(0, 4 * size);
  const auto units = icu::UnicodeString::fromUTF8({begin.data(), static_cast<int>(begin.size())});
  std::string kept;
  for (int i = 0; i < units.length(); i = units.moveIndex32(i, 1)) {
    const UChar32 next = units.char32At(i);
    const UChar32 c = u_iscntrl(next) ? ' ' : next;
    std::string piece;
    icu::UnicodeString(c).toUTF8String(piece);
    if (kept.size() + piece.size() > size) break;
    kept += piece;
  }
  return kept;
}

Latch damaged() {
  Latch latch;
  latch.is_latched = true;
  latch.is_readable = false;
  return latch;
}

// The seal holds, so what doesn't fit was written by another release.
std::optional<Latch> latch_from(const json& state, const json& name) {
  if (state.value("flag", json()) != name["flag"]) return std::nullopt;
  if (state.value("slot", json()) != name["slot"]) return std::nullopt;
  Latch latch;
  try {
    latch.is_latched = state.at("is_latched").get_ref<const json::boolean_t&>();
    latch.generation = state.at("generation").get_ref<const json::number_unsigned_t&>();
    latch.when = WallTime(state.at("when_ms").get<std::int64_t>());
    latch.who = state.at("who").get_ref<const std::string&>();
    latch.cause = state.at("cause").get_ref<const std::string&>();
    latch.reason = state.at("reason").get_ref<const std::string&>();
    latch.build = state.at("build").get_ref<const std::string&>();
    latch.max_evidence_age =
        std::chrono::milliseconds(state.at("max_evidence_age_ms").get<std::int64_t>());
  } catch (const json::exception&) {
    return std::nullopt;
  }
  return latch;
}

LatchSlot decode_slot(std::size_t number, std::string_view block) {
  LatchSlot slot;
  slot.latch = damaged();
  const auto name = unseal(block.substr(0, kLatchNameBytes));
  slot.is_named =
      name && name->value("slot", json()) == number && name->value("flag", json()).is_string();
  if (!slot.is_named) return slot;
  slot.flag = (*name)["flag"];
  if (const auto state = unseal(block.substr(kLatchNameBytes)))
    if (const auto latch = latch_from(*state, *name)) slot.latch = *latch;
  // A free slot with a state that isn't its own was being taken for some flag: nobody knows which.
  if (slot.flag.empty() && !slot.latch.is_readable) slot.is_named = false;
  return slot;
}

}  // namespace

bool is_latch_flag(std::string_view flag) {
  return flags::is_key(flag) && flag.size() <= kMaxLatchFlagBytes;
}

Latch LatchImage::latch_of(std::string_view flag) const {
  const LatchSlot* found = nullptr;
  bool all_named = is_file;
  for (const LatchSlot& slot : slots) {
    all_named = all_named && slot.is_named;
    if (!slot.is_named || slot.flag != flag) continue;
    // No flag has two slots; if one had, the latched one would be believed.
    if (found == nullptr || slot.latch.is_latched) found = &slot;
  }
  if (found != nullptr) return found->latch;
  return all_named && !unknown_is_latched ? Latch{} : damaged();
}

LatchImage decode_latches(std::string_view bytes) {
  LatchImage image;
  if (bytes.size() != kLatchFileBytes) {
    image.damage = "it has " + std::to_string(bytes.size()) + " bytes instead of " +
                   std::to_string(kLatchFileBytes);
    return image;
  }
  const auto header = unseal(bytes.substr(0, kLatchBlockBytes));
  if (!header || header->value("version", json()) != kVersion ||
      header->value("slots", json()) != kLatchSlots) {
    image.damage = "its first block is damaged or of another version";
    return image;
  }
  image.is_file = true;
  image.unknown_is_latched = header->value("without_slot", json()) != "clear";
  // Nearly all slots are free, and comparing is twenty times faster than hashing.
  static const std::string fresh = new_latch_file(false);
  for (std::size_t number = 0; number < kLatchSlots; ++number) {
    const auto block = bytes.substr(slot_offset(number), kLatchBlockBytes);
    if (block == std::string_view(fresh).substr(slot_offset(number), kLatchBlockBytes)) {
      image.slots.emplace_back();
      continue;
    }
    image.slots.push_back(decode_slot(number, block));
    if (image.slots.back().latch.is_readable) continue;
    image.damage += image.damage.empty() ? "damaged slots:" : ",";
    image.damage += " " + std::to_string(number);
  }
  return image;
}

std::string encode_slot(std::size_t number, std::string_view flag, const Latch& latch) {
  const json name = {{"flag", flag}, {"slot", number}};
  const json state = {{"flag", flag},
                      {"slot", number},
                      {"is_latched", latch.is_latched},
                      {"generation", latch.generation},
                      {"when_ms", latch.when.count()},
                      {"who", cut(latch.who, 64)},
                      {"cause", cut(latch.cause, 32)},
                      {"reason", cut(latch.reason, 400)},
                      {"build", cut(latch.build, 128)},
                      {"max_evidence_age_ms", latch.max_evidence_age.count()}};
  return seal(name, kLatchNameBytes) + seal(state, kStateBytes);
}

std::string new_latch_file(bool unknown_is_latched) {
  const json header = {{"format", "readback latches"},
                       {"version", kVersion},
                       {"slots", kLatchSlots},
                       {"without_slot", unknown_is_latched ? "latched" : "clear"}};
  std::string bytes = seal(header, kLatchBlockBytes);
  for (std::size_t number = 0; number < kLatchSlots; ++number)
    bytes += encode_slot(number, "", Latch{});
  return bytes;
}

}  // namespace readback::guard
