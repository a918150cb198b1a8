#include "flags/targeting/operators.h"

#include <map>

namespace readback::flags::targeting {

Calculate find_operator(const std::string& name) {
  using namespace operators;
  static const std::map<std::string, Calculate> kOperators = {
      {"if", &choose},
      {"?:", &choose},
      {"and", &all_of},
      {"or", &any_of},
      {"!", &negate},
      {"!!", &truth},
      {"==", &equal},
      {"!=", &unequal},
      {"===", &same},
      {"!==", &different},
      {"<", &less},
      {"<=", &at_most},
      {">", &more},
      {">=", &at_least},
      {"+", &add},
      {"-", &subtract},
      {"*", &multiply},
      {"/", &divide},
      {"%", &remainder},
      {"min", &smallest},
      {"max", &largest},
      {"cat", &concatenate},
      {"substr", &part_of_text},
      {"in", &contains},
      {"starts_with", &starts_with},
      {"ends_with", &ends_with},
      {"sem_ver", &compare_versions},
      {"merge", &merge},
      {"map", &map},
      {"filter", &filter},
      {"reduce", &reduce},
      {"all", &is_all},
      {"some", &is_some},
      {"none", &is_none},
      {"var", &variable},
      {"missing", &missing},
      {"missing_some", &missing_some},
      {"fractional", &fractional},
  };
  const auto found = kOperators.find(name);
  return found == kOperators.end() ? nullptr : found->second;
}

Value calculate_list(Evaluation& evaluation, const Expression& expression, const Scope& scope) {
  return evaluation.keep(List{evaluation.operands(expression, scope)});
}

}  // namespace readback::flags::targeting
