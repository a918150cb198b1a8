#include "flags/flag.h"

#include <algorithm>
#include <cassert>

namespace readback::flags {

bool is_key(std::string_view text) {
  constexpr auto kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.find_first_not_of(kLetters) == text.npos;
}

const Variant* Flag::find(const std::string& name) const {
  const auto found = std::find_if(variants.begin(), variants.end(),
                                  [&](const Variant& each) { return each.name == name; });
  return found == variants.end() ? nullptr : &*found;
}

const Variant& Flag::variant(const std::string& name) const {
  const Variant* const found = find(name);
  assert(found != nullptr);
  return *found;
}

}  // namespace readback::flags
