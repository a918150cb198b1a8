#include "guard/command/demo/faults.h"

#include <algorithm>

namespace readback::guard::demo {
namespace {

std::string_view without_argument(std::string_view name) {
  return name.substr(0, name.find(':'));
}

}  // namespace

const std::vector<PlayedFault>& faults() {
  using enum Ending;
  static const std::vector<PlayedFault> kFaults{
      {"lost-when-document-shared",
       reverts,
       {"stale", "field_missing", "record_missing"},
       "notes of visits in which a document was shared are acknowledged and not stored"},
      {"acknowledged-not-stored",
       reverts,
       {"stale", "field_missing", "record_missing"},
       "every note is acknowledged and not stored"},
      {"truncate:40", reverts, {"truncated_tail"}, "notes are cut after 40 characters"},
      {"strip-4-byte-utf8", reverts, {"chars_dropped"}, "characters of four bytes are dropped"},
      {"html-escape", reverts, {"escaped"}, "& and < come back as entities"},
      {"swap-fields", reverts, {"foreign"}, "two fields are stored in each other's place"},
      {"cross-patient",
       reverts,
       {"foreign", "record_missing", "field_missing", "stale"},
       "notes are stored with another patient"},
      {"trim", reverts, {"edge_whitespace"}, "blanks at the ends are cut"},
      {"stale-cache:1", advances, {}, "reads are one second behind, within the deadline"},
      {"stale-cache:60",
       reverts,
       {"stale", "field_missing", "record_missing"},
       "reads serve the value before the write for a minute"},
      {"erase-after:1",
       reverts,
       {"stale", "field_missing", "record_missing"},
       "notes are stored, and erased a second later"},
      {"lose-fraction:0.5",
       reverts,
       {"stale", "field_missing", "record_missing"},
       "every other note is lost"},
      {"both-arms",
       blames_platform,
       {"stale", "field_missing", "record_missing"},
       "the old editor loses notes, too"},
      {"control-only",
       keeps_treatment,
       {"stale", "field_missing", "record_missing"},
       "only the old editor loses notes"},
      {"hang", lapses, {}, "the new editor does not answer"},
      {"error-500", lapses, {}, "the new editor answers 500"},
      {"slow", lapses, {}, "the new editor answers too late"},
      {"none", advances, {}, "nothing is wrong"},
  };
  return kFaults;
}

std::optional<PlayedFault> find_fault(std::string_view name) {
  const auto& all = faults();
  auto found = std::find_if(all.begin(), all.end(), [&](auto& each) { return each.name == name; });
  if (found == all.end())
    found = std::find_if(all.begin(), all.end(), [&](const PlayedFault& each) {
      return without_argument(each.name) == without_argument(name);
    });
  if (found == all.end()) return std::nullopt;
  PlayedFault fault = *found;
  if (name.find(':') != std::string_view::npos) fault.name = name;
  return fault;
}

}  // namespace readback::guard::demo
