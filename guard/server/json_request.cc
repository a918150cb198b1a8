#include "guard/server/json_request.h"

#include <string>
#include <utility>
#include <vector>

namespace readback::guard::server {
namespace {

using Json = nlohmann::json;

// Builds the value while nlohmann reads, and stops it at the first thing that is refused.
class StrictReader final : public Json::json_sax_t {
 public:
  explicit StrictReader(unsigned depth) : depth_(depth) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& written) override {
    // nlohmann hands a whole number that needs more than 64 bits over as an inexact one.
    if (written.find_first_of(".eE") == string_t::npos) return refuse("a number is out of range");
    return add(value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return refuse("no JSON text holds binary"); }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& value) override {
    if (open_.back().value.contains(value)) return refuse("an object has two equal keys");
    open_.back().key = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const bool is_range = dynamic_cast<const Json::out_of_range*>(&error) != nullptr;
    return refuse((is_range ? "a number is out of range at byte " : "no JSON at byte ") +
                  std::to_string(position));
  }

  Json take() { return std::move(done_); }
  const std::string& why() const { return why_; }

 private:
  struct Open {
    Json value;
    std::string key;  // of the member that is being read, in an object
  };

  bool refuse(std::string why) {
    why_ = std::move(why);
    return false;
  }

  bool open(Json empty) {
    if (open_.size() >= depth_) {
      return refuse("nested deeper than " + std::to_string(depth_) + " levels");
    }
    open_.push_back({std::move(empty), {}});
    return true;
  }

  bool close() {
    Json finished = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(finished));
  }

  bool add(Json value) {
    if (open_.empty()) {
      done_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.push_back(std::move(value));
    } else {
      open_.back().value.emplace(std::move(open_.back().key), std::move(value));
    }
    return true;
  }

  unsigned depth_;
  std::vector<Open> open_;
  Json done_;
  std::string why_;
};

}  // namespace

Result<nlohmann::json> read_json(std::string_view body, unsigned depth) {
  // nlohmann takes a zero byte for the end, and whatever follows it for nothing.
  const std::size_t zero = body.find('\0');
  if (zero != std::string_view::npos) {
    return Problem{"", "no JSON at byte " + std::to_string(zero + 1)};
  }
  StrictReader reader(depth);
  if (!Json::sax_parse(body, &reader)) return Problem{"", reader.why()};
  return Result<nlohmann::json>(boost::system::in_place_value, reader.take());
}

}  // namespace readback::guard::server
