#include "flags/targeting/rule.h"

#include <algorithm>
#include <set>
#include <utility>

#include "flags/targeting/evaluation.h"

namespace readback::flags::targeting {
namespace {

using Json = nlohmann::json;

const Problem kCannotBeCalculated{"", "the rule can't be calculated for this context"};

// Puts what was found one level deeper to its place in `json`.
Problem within(const std::string& key, Problem problem) {
  problem.where = (Json::json_pointer() / key).to_string() + problem.where;
  return problem;
}

// The rule with its references replaced, whatever they lead to.
class Expander {
 public:
  explicit Expander(const Json& shared) : shared_(shared) {}

  Result<Json> expand(const Json& logic, unsigned depth) {
    if (depth > kDepth)
      return Problem{"", "nested deeper than " + std::to_string(kDepth) + " levels"};
    if (++parts_ > kParts) return Problem{"", "has more than " + std::to_string(kParts) + " parts"};
    if (const std::string* const name = reference(logic)) return follow(*name, depth);
    Result<Json> expanded(boost::system::in_place_value, logic);
    if (!logic.is_structured()) return expanded;
    for (const auto& [key, value] : logic.items()) {
      auto member = expand(value, depth + 1);
      if (member.has_error()) return within(key, member.error());
      (logic.is_array() ? (*expanded)[std::stoul(key)] : (*expanded)[key]) = std::move(*member);
    }
    return expanded;
  }

 private:
  static const std::string* reference(const Json& logic) {
    if (!logic.is_object() || logic.size() != 1) return nullptr;
    const auto found = logic.find("$ref");
    return found == logic.end() ? nullptr : found->get_ptr<const std::string*>();
  }

  Result<Json> follow(const std::string& name, unsigned depth) {
    const auto found = shared_.find(name);
    if (found == shared_.end()) return Problem{"", "refers to no evaluator"};
    if (!open_.insert(name).second) return Problem{"", "refers to itself"};
    auto expanded = expand(*found, depth + 1);
    open_.erase(name);
    return expanded;
  }

  const Json& shared_;
  std::size_t parts_ = 0;
  std::set<std::string> open_;
};

Result<Expression> compile_value(const Json& logic);

Result<Expression> compile_items(const Json& items) {
  Expression list;
  list.has_list = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = compile_value(items[i]);
    if (item.has_error()) return within(std::to_string(i), item.error());
    list.operands.push_back(std::move(*item));
  }
  return list;
}

Result<Expression> compile_list(const Json& logic) {
  auto list = compile_items(logic);
  if (list.has_error()) return list;
  const bool is_constant =
      std::all_of(list->operands.begin(), list->operands.end(),
                  [](const Expression& each) { return each.calculate == nullptr; });
  if (!is_constant) {
    list->calculate = &calculate_list;
    return list;
  }
  Expression constant;  // the very list that was written
  constant.constant = &logic;
  return constant;
}

Result<Expression> compile_operator(const std::string& name, const Json& operands) {
  Expression expression;
  expression.calculate = find_operator(name);
  expression.has_list = operands.is_array();
  if (expression.calculate == nullptr) return Problem{"", "there is no such operator"};
  auto compiled = expression.has_list ? compile_items(operands) : compile_value(operands);
  if (compiled.has_error()) return compiled;
  if (expression.has_list) {
    expression.operands = std::move(compiled->operands);
  } else {
    expression.operands.push_back(std::move(*compiled));
  }
  if (name != "var" || expression.operands.empty()) return expression;
  const Expression& path = expression.operands.front();
  if (path.calculate == nullptr && !is_null(path.constant) && !is_list(path.constant))
    expression.path = split_path(text_of(path.constant));
  return expression;
}

Result<Expression> compile_value(const Json& logic) {
  if (logic.is_array()) return compile_list(logic);
  if (!logic.is_object() || logic.empty()) {
    Expression constant;
    constant.constant = value_of(logic);
    return constant;
  }
  if (logic.size() > 1) return Problem{"", "two operators stand side by side"};
  const std::string& name = logic.begin().key();
  auto compiled = compile_operator(name, *logic.begin());
  if (compiled.has_error()) return within(name, compiled.error());
  return compiled;
}

}  // namespace

Rule::Rule(Json logic, std::shared_ptr<const Expression> expression)
    : logic_(std::make_shared<const Json>(std::move(logic))), expression_(std::move(expression)) {}

Result<Rule> Rule::compile(const Json& logic, const Json& shared) {
  auto expanded = Expander(shared).expand(logic, 0);
  if (expanded.has_error()) return expanded.error();
  Rule rule(std::move(*expanded), nullptr);
  auto expression = compile_value(*rule.logic_);
  if (expression.has_error()) return expression.error();
  rule.expression_ = std::make_shared<const Expression>(std::move(*expression));
  return rule;
}

Result<Json> Rule::evaluate(const Asked& asked) const {
  Evaluation evaluation(asked);
  const Value value = evaluation.run(*expression_);
  if (evaluation.has_failed()) return kCannotBeCalculated;
  return Result<Json>(boost::system::in_place_value, to_json(value));
}

Result<std::optional<std::string>> Rule::evaluate_name(const Asked& asked) const {
  Evaluation evaluation(asked);
  const Value value = evaluation.run(*expression_);
  if (evaluation.has_failed()) return kCannotBeCalculated;
  std::optional<std::string> name;
  if (!is_null(value)) name = text_of(value);
  return name;
}

bool Rule::holds(const Asked& asked) const {
  Evaluation evaluation(asked);
  const Value value = evaluation.run(*expression_);
  return !evaluation.has_failed() && is_truthy(value);
}

}  // namespace readback::flags::targeting
