#include "configs/demo/load/audit.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "configs/demo/token.h"

namespace demo::load {
using nlohmann::json;

namespace {

// What the service stores.
class Stored {
 public:
  explicit Stored(const std::string& file)
      : database_(file, Database::Mode::read_only),
        note_(database_,
              "SELECT visit_motive, interview, exam_report, conclusion FROM visits WHERE id = ?1") {
  }

  // The digest of a field, or "" where there is no text or no such visit.
  std::string sha256(const std::string& visit, const std::string& field) {
    std::int64_t id = 0;
    std::from_chars(visit.data() + 1, visit.data() + visit.size(), id);
    Rows rows = note_.with(id);
    if (!rows.next()) return {};
    for (std::size_t i = 0; i < kFields; ++i) {
      if (kFieldNames[i] != field) continue;
      const auto text = rows.text_or_null(static_cast<int>(i));
      return text ? sha256_hex(*text) : std::string();
    }
    return {};
  }

 private:
  Database database_;
  Statement note_;
};

// The entries of one note, in the order of sending, as far as they decide about it.
struct Note {
  std::optional<Entry> acknowledged;      // last
  std::vector<std::string> sent_after{};  // digests of what was never answered

  void take(const Entry& entry) {
    if (!entry.is_acknowledged) return sent_after.push_back(entry.sha256);
    acknowledged = entry;
    sent_after.clear();
  }
  bool explains(const std::string& found) const {
    if (found == acknowledged->sha256) return true;
    return std::find(sent_after.begin(), sent_after.end(), found) != sent_after.end();
  }
};

class Count {
 public:
  void acknowledged(const Entry& entry) { ++acknowledged_[entry.path]; }

  void lost(const Entry& entry) {
    ++lost_[entry.path];
    with_document_ += entry.had_shared_document;
    practitioners_.insert(entry.practitioner);
    if (!first_ || entry.started_ms < first_->started_ms) first_ = entry;
    if (!last_ || entry.started_ms > last_->started_ms) last_ = entry;
  }

  json to_json(bool is_audited) const {
    json all{{"acknowledged_notes", total(acknowledged_)},
             {"acknowledged_by_path", by_path(acknowledged_)},
             {"lost_notes", nullptr},
             {"lost_by_path", nullptr},
             {"lost_with_shared_document", nullptr},
             {"practitioners_hit", nullptr},
             {"first_lost_ms", nullptr},
             {"first_lost", nullptr},
             {"last_lost_ms", nullptr}};
    if (!is_audited) return all;
    all["lost_notes"] = total(lost_);
    all["lost_by_path"] = by_path(lost_);
    all["lost_with_shared_document"] = with_document_;
    all["practitioners_hit"] = practitioners_.size();
    if (!first_) return all;
    all["first_lost_ms"] = first_->started_ms;
    all["last_lost_ms"] = last_->started_ms;
    all["first_lost"] = {
        {"visit", first_->visit}, {"field", first_->field}, {"practitioner", first_->practitioner}};
    return all;
  }

 private:
  using ByPath = std::map<std::string, std::int64_t>;
  static std::int64_t total(const ByPath& counts) {
    std::int64_t sum = 0;
    for (const auto& [path, count] : counts) sum += count;
    return sum;
  }
  static json by_path(ByPath counts) { return {{"old", counts["old"]}, {"new", counts["new"]}}; }

  ByPath acknowledged_, lost_;
  std::int64_t with_document_ = 0;
  std::set<std::string> practitioners_;
  std::optional<Entry> first_, last_;
};

}  // namespace

json audit(Ledger& ledger, const std::string& file) {
  std::optional<Stored> stored;
  if (!file.empty()) stored.emplace(file);
  Count count;
  Note note;
  const auto judge = [&] {
    if (!note.acknowledged) return;
    const Entry& entry = *note.acknowledged;
    count.acknowledged(entry);
    if (!stored) return;
    const std::string found = stored->sha256(entry.visit, entry.field);
    if (note.explains(found)) return;
    count.lost(entry);
    ledger.add_loss(entry, found);
  };
  std::string visit, field;
  ledger.each([&](const Entry& entry) {
    if (entry.visit != visit || entry.field != field) {
      judge();
      note = Note();
      visit = entry.visit;
      field = entry.field;
    }
    note.take(entry);
  });
  judge();
  ledger.flush();
  return count.to_json(stored.has_value());
}

}  // namespace demo::load
