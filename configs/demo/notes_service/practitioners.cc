#include "configs/demo/notes_service/practitioners.h"

#include <array>
#include <random>

#include "configs/demo/population.h"
#include "configs/demo/token.h"

namespace demo::notes {
namespace {

// General practice stands twice: it is by far the most frequent speciality.
constexpr std::array kSpecialities{
    "general_practice", "general_practice", "dentistry",     "gynaecology",   "paediatrics",
    "ophthalmology",    "dermatology",      "physiotherapy", "midwifery",     "cardiology",
    "psychiatry",       "orthopaedics",     "podiatry",      "speech_therapy"};
constexpr std::array kRegions{"auvergne-rhone-alpes",
                              "bourgogne-franche-comte",
                              "bretagne",
                              "centre-val-de-loire",
                              "corse",
                              "grand-est",
                              "hauts-de-france",
                              "ile-de-france",
                              "normandie",
                              "nouvelle-aquitaine",
                              "occitanie",
                              "pays-de-la-loire",
                              "provence-alpes-cote-d-azur"};
constexpr std::array kGivenNames{"Camille", "Louise", "Gabriel",  "Jade", "Raphaël", "Zoé",
                                 "Anaïs",   "Jules",  "Éléonore", "Noël", "Maëlle",  "Théo"};
constexpr std::array kFamilyNames{"Martin",   "Bernard", "Lefèvre",  "Garçon", "Dubois", "Müller",
                                  "Fournier", "Le Goff", "Besançon", "Nguyễn", "Roche",  "Noël"};
// So many colleagues share a practice.
constexpr int kPracticeSize = 5;

template <typename List>
std::string pick(const List& list, std::mt19937_64& random) {
  return list[random() % list.size()];
}

class Registry {
 public:
  explicit Registry(Database& database)
      : practitioner_(database, "INSERT OR IGNORE INTO practitioners VALUES (?1, ?2, ?3, ?4, ?5)"),
        patient_(database, "INSERT OR IGNORE INTO patients VALUES (?1, ?2, ?3)") {}

  void add(const Practitioner& who, std::mt19937_64& random) {
    practitioner_.run(who.id, who.speciality, who.region, who.practice, who.is_synthetic);
    for (int k = 0; k < kPatientsEach; ++k) {
      const std::string name = pick(kGivenNames, random) + ' ' + pick(kFamilyNames, random);
      patient_.run(patient_id(who.id, k), who.id,
                   who.is_synthetic ? "SYNTHETIC – not a patient (" + name + ')' : name);
    }
  }

 private:
  Statement practitioner_, patient_;
};

std::int64_t count(const Database& database, bool is_synthetic) {
  Statement statement(database, "SELECT count(*) FROM practitioners WHERE is_synthetic = ?1");
  Rows rows = statement.with(is_synthetic);
  rows.next();
  return rows.integer(0);
}

}  // namespace

void populate(Database& database, const Population& population) {
  Transaction transaction(database);
  Registry registry(database);
  if (count(database, false) < population.practitioners) {
    std::mt19937_64 random(population.seed);
    for (int n = 1; n <= population.practitioners; ++n) {
      const std::string practice = "practice-" + std::to_string((n - 1) / kPracticeSize + 1);
      registry.add(Practitioner{.id = practitioner_id(n),
                                .speciality = pick(kSpecialities, random),
                                .region = pick(kRegions, random),
                                .practice = practice},
                   random);
    }
  }
  if (count(database, true) < population.synthetic) {
    std::mt19937_64 random(population.seed + 1);
    for (int n = 1; n <= population.synthetic; ++n)
      registry.add(Practitioner{.id = synthetic_id(n),
                                .speciality = pick(kSpecialities, random),
                                .region = pick(kRegions, random),
                                .practice = "practice-synthetic",
                                .is_synthetic = true},
                   random);
  }
  transaction.commit();
}

Practitioners::Practitioners(const Database& database, std::string_view secret) {
  Statement statement(database,
                      "SELECT id, speciality, region, practice, is_synthetic FROM practitioners");
  Rows rows = statement.with();
  while (rows.next()) {
    by_token_.emplace(practitioner_token(secret, rows.text(0)), all_.size());
    all_.push_back({.id = rows.text(0),
                    .speciality = rows.text(1),
                    .region = rows.text(2),
                    .practice = rows.text(3),
                    .is_synthetic = rows.integer(4) != 0});
  }
}

const Practitioner* Practitioners::by_token(const std::string& token) const {
  const auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : &all_[found->second];
}

}  // namespace demo::notes
