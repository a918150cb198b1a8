#include "flags/flag.h"

#include <algorithm>
#include <cassert>

namespace readback::flags {

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
