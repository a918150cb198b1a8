#pragma once

#include <forward_list>
#include <string>
#include <vector>

#include "flags/targeting/expression.h"
#include "flags/targeting/rule.h"

// One evaluation of a rule: it owns what is made on the way and knows whether it failed.

namespace readback::flags::targeting {

// What `var` looks into: the context of who asks; within map, filter and their like the element; in
// reduce the accumulator and the current element.
struct Scope {
  const Asked* asked = nullptr;  // set iff it is the context
  Value element;
  bool is_reduction = false;
  Value accumulator;
};

class Evaluation {
 public:
  explicit Evaluation(const Asked& asked) : root_{&asked, {}, false, {}} {}
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  Value run(const Expression& expression) { return evaluate(expression, root_); }
  Value evaluate(const Expression& expression, const Scope& scope);

  // Null, and the evaluation has failed for good: whatever is calculated afterwards is for nothing.
  Value fail();
  bool has_failed() const { return has_failed_; }

  // Keep what was made for as long as the evaluation lives.
  Value keep(std::string text);
  Value keep(List list);
  Value keep(nlohmann::json json);

  // All that the scope holds, as one value; and one member of it, nothing if there is none.
  Value whole(const Scope& scope);
  std::optional<Value> find(const Scope& scope, const std::string& name);

  // The operands, each evaluated. Of operands that are no list, {"min": {"var": "x"}}: the items of
  // the list that x is, or x itself as the only one.
  std::vector<Value> operands(const Expression& expression, const Scope& scope);
  // The same for + - and cat, of which {"+": [x]}, too, adds up the items of x; but not if the list
  // was written there, {"+": [[1]]}.
  std::vector<Value> terms(const Expression& expression, const Scope& scope);

 private:
  Scope root_;
  bool has_failed_ = false;
  std::size_t steps_ = 0;
  std::size_t text_bytes_ = 0;
  // Lists, since their elements stay where they are, and none is allocated if none is needed.
  std::forward_list<std::string> texts_;
  std::forward_list<List> lists_;
  std::forward_list<nlohmann::json> jsons_;
};

}  // namespace readback::flags::targeting
