#include "guard/chain.h"

#include <doctest/doctest.h>

#include <functional>

namespace readback::guard {
namespace {

Entry entry(std::int64_t at_ms, const char* kind, const char* by, const char* reason, int step) {
  Entry made;
  made.at = WallTime(at_ms);
  made.flag = "notes-editor-v2";
  made.kind = kind;
  made.by = by;
  made.reason = reason;
  made.state = {{"step", step}};
  return made;
}

std::vector<LedgerRow> rows() {
  Chain chain;
  std::vector<LedgerRow> made = {row_of(entry(1'767'225'600'000, "started", "Ada", "", 1)),
                                 row_of(entry(1'767'225'601'500, "reverted", "guard", "é lost", 0)),
                                 row_of(entry(1'767'225'602'000, "rearmed", "Ada", "fixed", 1))};
  for (LedgerRow& row : made) chain.add(row);
  return made;
}

// Empty if the whole list is a chain, else what is wrong and where.
std::string fault_of(const std::vector<LedgerRow>& list) {
  Chain chain;
  for (const LedgerRow& row : list) {
    const auto checked = chain.check(row);
    if (checked.has_error()) return checked.error().where + ": " + checked.error().what;
  }
  return "";
}

}  // namespace

TEST_SUITE("guard/chain") {
  TEST_CASE("the hashes are those of every release") {
    // Computed in Python from the format as guard/chain.h has it, with hashlib.sha256.
    const auto list = rows();
    const auto hex = [](const std::string& hash) {
      Digest digest{};
      std::copy(hash.begin(), hash.end(), digest.begin());
      return to_hex(digest);
    };
    CHECK(hex(list[0].hash) == "3840c3153e14e808eed939a4323b37304c49c844e5c7537c2bb34700b08e9dff");
    CHECK(hex(list[1].hash) == "f0f5f8a3bb489a49e1d1e00b149203c315976c0ce781aa5798f095f03e1e43cd");
  }

  TEST_CASE("a whole chain is whole") {
    CHECK(fault_of(rows()) == "");
    CHECK(fault_of({}) == "");
  }

  TEST_CASE("any change of any field is found at its row") {
    const std::vector<std::function<void(LedgerRow&)>> changes = {
        [](LedgerRow& row) { row.at_ms += 1; },
        [](LedgerRow& row) { row.flag += "x"; },
        [](LedgerRow& row) { row.kind = "advanced"; },
        [](LedgerRow& row) { row.by = ""; },
        [](LedgerRow& row) { row.reason += " "; },
        [](LedgerRow& row) { row.state = "{\"step\": 0}"; },
        [](LedgerRow& row) { row.hash[31] = static_cast<char>(row.hash[31] ^ 1); },
        [](LedgerRow& row) { row.hash.clear(); },
        [](LedgerRow& row) { std::swap(row.kind, row.by); },
        [](LedgerRow& row) {  // The same bytes in a row, cut elsewhere.
          row.by += row.reason.front();
          row.reason.erase(0, 1);
        }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
      CAPTURE(i);
      auto list = rows();
      changes[i](list[1]);
      CHECK(fault_of(list) == "ledger row 2: its hash isn't that of what it holds");
    }
  }

  TEST_CASE("a dropped, doubled or swapped row is found") {
    auto list = rows();
    CHECK(fault_of({list[1], list[2]}) == "ledger row 2: row 1 is missing before it");
    CHECK(fault_of({list[0], list[2]}) == "ledger row 3: row 2 is missing before it");
    CHECK(fault_of({list[0], list[0]}) == "ledger row 1: row 2 is missing before it");
    std::swap(list[1], list[2]);
    CHECK_FALSE(fault_of(list).empty());
  }

  TEST_CASE("a row put in with a number of its own is found, for it has the wrong hash before it") {
    auto list = rows();
    LedgerRow forged = list[2];
    forged.number = 2;
    CHECK_FALSE(fault_of({list[0], forged, list[2]}).empty());
  }

  TEST_CASE("an entry is what it was, and ill-formed text becomes well-formed") {
    Entry before = entry(5, "paused", "Bob", "why", 2);
    before.number = 9;
    const Entry after = entry_of(row_of(before));
    CHECK(after.number == 9);
    CHECK(after.at == before.at);
    CHECK(after.flag == before.flag);
    CHECK(after.kind == before.kind);
    CHECK(after.by == before.by);
    CHECK(after.reason == before.reason);
    CHECK(after.state == before.state);
    before.reason = "a\xFF";
    before.state = {{"text", "a\xFF"}};
    CHECK(row_of(before).reason == "a\xEF\xBF\xBD");
    CHECK(row_of(before).state == "{\"text\":\"a\xEF\xBF\xBD\"}");
  }
}

}  // namespace readback::guard
