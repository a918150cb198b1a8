#include "configs/demo/load/prose.h"

#include <string_view>
#include <vector>

namespace demo::load {
namespace {

using Sentences = std::vector<std::string_view>;

// {} stands for a number that is drawn.
const Sentences kMotives{"Douleurs lombaires depuis {} jours.",
                         "Fièvre à 38,{} °C et toux sèche.",
                         "Renouvellement d’ordonnance, contrôle à {} mois.",
                         "Suivi de grossesse, 1{} SA.",
                         "Éruption prurigineuse évoluant depuis {} jours.",
                         "Céphalées récidivantes, {} épisodes.",
                         "Contrôle tensionnel ; automesures à 1{}0 mmHg en moyenne.",
                         "Vaccination, rappel de {}5 ans.",
                         "Chute de sa hauteur il y a {} h, pas de perte de connaissance."};
const Sentences kInterviews{
    "Patient se plaignant d’une gêne intermittente, cotée {}/10.",
    "Antécédents : HTA, appendicectomie à l’âge de {} ans.",
    "Pas d’allergie connue ; intolérance à l’amoxicilline signalée en 201{}.",
    "Tabagisme sevré depuis {} ans, « jamais repris » d’après la patiente.",
    "Sommeil perturbé : {} réveils par nuit, fatigue le matin.",
    "Traitement en cours : ramipril 5 mg, metformine depuis {} ans.",
    "Prise de {} comprimés d’ibuprofène sans soulagement.",
    "Mère diabétique, père décédé d’un IDM à 5{} ans."};
const Sentences kExams{
    "TA 1{}0/80 mmHg, FC 72/min, SpO₂ 98 %.",
    "Auscultation claire ; FR à 1{}/min.",
    "Abdomen souple, dépressible, indolore ; foie à {} cm sous le rebord costal.",
    "Réflexes présents & symétriques, force 5/5 à {} reprises.",
    "Tympans normaux, pharynx érythémateux (+{}).",
    "Poids 6{} kg, IMC < 25.",
    "Lasègue négatif à {}0°, pas de déficit sensitif.",
    "Œdème discret des chevilles, godet < {} mm."};
const Sentences kConclusions{"Lombalgie commune ; paracétamol 1 g, {} jours, kinésithérapie.",
                             "Rhinopharyngite virale, repos {} jours, réévaluer si fièvre > 39 °C.",
                             "À revoir dans {} semaines avec le bilan biologique.",
                             "Courrier adressé au confrère, rendez-vous sous {} jours.",
                             "Équilibre tensionnel satisfaisant, même traitement pour {} mois.",
                             "Arrêt de travail de {} jours ; surveillance à domicile.",
                             "Prescription : NFS, CRP, HbA1c ; contrôle à {} mois."};

const Sentences& sentences_of(const std::string& field) {
  if (field == "visit_motive") return kMotives;
  if (field == "interview") return kInterviews;
  if (field == "exam_report") return kExams;
  return kConclusions;
}

std::string with_number(std::string_view sentence, std::mt19937_64& random) {
  const std::size_t place = sentence.find("{}");
  if (place == std::string_view::npos) return std::string(sentence);
  // One digit, neither 0 nor 1: it reads as a value in every sentence.
  return std::string(sentence.substr(0, place)) + std::to_string(2 + random() % 8) +
         std::string(sentence.substr(place + 2));
}

}  // namespace

std::string prose(const std::string& field, const std::string& mark, std::mt19937_64& random) {
  const Sentences& sentences = sentences_of(field);
  const std::size_t most = field == "visit_motive" ? 1 : 4;
  std::string text;
  for (std::size_t left = 1 + random() % most; left > 0; --left)
    text += with_number(sentences[random() % sentences.size()], random) +
            (random() % 3 == 0 ? '\n' : ' ');
  return text + "Réf. " + mark;
}

}  // namespace demo::load
