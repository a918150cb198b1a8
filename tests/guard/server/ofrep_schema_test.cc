#include "tests/guard/server/ofrep_schema.h"

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <map>
#include <optional>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "tests/source.h"

namespace readback {
namespace {

using nlohmann::json;

json from_yaml(const YAML::Node& node) {
  if (node.IsMap()) {
    json object = json::object();
    for (const auto& member : node) object[member.first.Scalar()] = from_yaml(member.second);
    return object;
  }
  if (node.IsSequence()) {
    json array = json::array();
    for (const auto& element : node) array.push_back(from_yaml(element));
    return array;
  }
  if (node.IsNull()) return nullptr;
  const json scalar = json::parse(node.Scalar(), nullptr, false);
  const bool is_plain = node.Tag() != "!";  // a quoted scalar is a text whatever it looks like
  return is_plain && scalar.is_primitive() && !scalar.is_discarded() ? scalar : json(node.Scalar());
}

// Formats are annotations in OpenAPI 3.1, and valijson 1.0 ends the process at one of a number.
void erase_formats(json& schema) {
  if (schema.is_object()) schema.erase("format");
  if (!schema.is_structured()) return;
  for (json& part : schema) erase_formats(part);
}

json read_json_file(const std::string& name) {
  std::ifstream file(source_path("tests/ofrep/" + name));
  return json::parse(file);
}

const json& corrections() {
  static const json read = read_json_file("corrections.json");
  return read;
}

const json& specification() {
  static const json read = [] {
    json file = from_yaml(YAML::LoadFile(source_path("tests/ofrep/openapi.yaml")));
    erase_formats(file);
    return file;
  }();
  return read;
}

// The specification with all corrections, or all but one.
json corrected(std::optional<std::size_t> without = std::nullopt) {
  json patch = corrections();
  if (without.has_value()) patch.erase(*without);
  return specification().patch(patch);
}

// How `body` breaks the schema `name` of `document`.
std::string check(const json& document, const std::string& name, const json& body) {
  json root = document;
  root["allOf"][0]["$ref"] = "#/components/schemas/" + name;
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(root), schema);
  valijson::ValidationResults results;
  valijson::Validator validator;
  const valijson::adapters::NlohmannJsonAdapter target(body);
  if (validator.validate(schema, target, &results)) return {};
  std::string faults;
  for (const auto& fault : results) {
    for (const std::string& step : fault.context) faults += step;
    faults += ": " + fault.description + "\n";
  }
  return faults;
}

struct Names {
  const char* specification;
  const char* interop;
};
const std::map<std::string, Names> kSchemas = {
    {"one", {"serverEvaluationSuccess", "success"}},
    {"bulk", {"bulkEvaluationSuccess", "bulk"}},
    {"refused", {"evaluationFailure", "failure"}},
    {"refused all", {"bulkEvaluationFailure", "failure"}},
    {"not found", {"flagNotFound", "failure"}},
};

json success(json value) {
  return {{"key", "notes-editor-v2"},
          {"value", std::move(value)},
          {"variant", "treatment"},
          {"reason", "DEFAULT"},
          {"metadata", {{"leaseUntilMs", 1'800'000'000'000}}}};
}

json with(json body, const std::string& name, json value) {
  body[name] = std::move(value);
  return body;
}

json without(json body, const std::string& name) {
  body.erase(name);
  return body;
}

json bulk(json entry) {
  return {{"flags", json::array({std::move(entry)})}, {"metadata", json::object()}};
}

const json kFailure = {{"key", "notes-editor-v2"},
                       {"errorCode", "PARSE_ERROR"},
                       {"errorDetails", "no JSON at byte 1"},
                       {"metadata", json::object()}};

struct Row {
  const char* what;
  const char* schema;
  json body;
};

}  // namespace

std::string violations(const json& body, const std::string& what) {
  static const json document = corrected();
  static const json interop = read_json_file("interop.json");
  const Names& names = kSchemas.at(what);
  return check(document, names.specification, body) + check(interop, names.interop, body);
}

TEST_SUITE("guard/server/ofrep_schema") {
  TEST_CASE("right bodies are taken") {
    const Row rows[] = {
        {"a truth value", "one", success(true)},
        {"a text", "one", success("new")},
        {"a whole number", "one", success(3)},
        {"a number", "one", success(1.5)},
        {"an object", "one", success({{"editor", 2}})},
        {"all flags", "bulk", bulk(success(false))},
        {"a refusal", "refused", kFailure},
        {"a refusal of all", "refused all", without(kFailure, "key")},
        {"no such flag", "not found", with(kFailure, "errorCode", "FLAG_NOT_FOUND")},
    };
    for (const Row& row : rows) {
      CAPTURE(row.what);
      CHECK(violations(row.body, row.schema) == "");
    }
  }

  TEST_CASE("wrong bodies are refused") {
    const Row rows[] = {
        {"an array as value", "one", success(json::array({1}))},
        {"null as value", "one", success(nullptr)},
        {"no key", "one", without(success(true), "key")},
        {"a number as key", "one", with(success(true), "key", 3)},
        {"no reason", "one", without(success(true), "reason")},
        {"an unknown reason", "one", with(success(true), "reason", "BECAUSE")},
        {"a reason that makes Go drop the value", "one", with(success(true), "reason", "DISABLED")},
        {"no variant", "one", without(success(true), "variant")},
        {"a number as variant", "one", with(success(true), "variant", 1)},
        {"no value", "one", without(success(true), "value")},
        {"no metadata", "one", without(success(true), "metadata")},
        {"nested metadata", "one", with(success(true), "metadata", {{"a", json::object()}})},
        {"a value beside an error code", "one", with(success(true), "errorCode", "GENERAL")},
        {"the same in a bulk answer", "bulk", bulk(with(success(true), "errorCode", "GENERAL"))},
        {"flags as an object", "bulk", with(bulk(success(true)), "flags", json::object())},
        {"no flags", "bulk", without(bulk(success(true)), "flags")},
        {"an unknown error code", "refused", with(kFailure, "errorCode", "TEAPOT")},
        {"no error code", "refused", without(kFailure, "errorCode")},
        {"no details", "refused", without(kFailure, "errorDetails")},
        {"a refusal with a value", "refused", with(kFailure, "value", false)},
        {"a refusal of all without code", "refused all", without(kFailure, "errorCode")},
        {"another code for no such flag", "not found", kFailure},
        {"a text", "one", "new"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.what);
      CHECK(violations(row.body, row.schema) != "");
    }
  }

  TEST_CASE("each correction has a reason, and a body that shows it") {
    json failing_entry = without(kFailure, "metadata");
    struct Shown {
      std::string schema;
      json body;
      bool is_right;
    };
    const Shown shown[] = {
        {"serverEvaluationSuccess", success(json::array({1})), false},
        {"serverEvaluationSuccess", with(success(3), "reason", "STATIC"), true},
        {"serverEvaluationSuccess", success(true), true},
        {"bulkEvaluationSuccess", bulk(with(failing_entry, "errorCode", "FLAG_NOT_FOUND")), true},
        {"bulkEvaluationSuccess", bulk(with(failing_entry, "errorCode", "TYPE_MISMATCH")), true},
    };
    REQUIRE(corrections().size() == std::size(shown));
    for (std::size_t i = 0; i < std::size(shown); ++i) {
      CAPTURE(i);
      CHECK(corrections()[i].at("reason").get<std::string>().size() > 20);
      const auto is_taken = [&](const json& document) {
        return check(document, shown[i].schema, shown[i].body).empty();
      };
      CHECK(is_taken(corrected()) == shown[i].is_right);
      CHECK(is_taken(corrected(i)) != shown[i].is_right);
    }
  }
}

}  // namespace readback
