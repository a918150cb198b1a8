#include <unicode/utf8.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "guard/document_builder.h"

namespace readback::guard {
namespace {

// Walks the text for nlohmann's lexer and tells how far it has read.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  friend bool operator==(const Cursor& one, const Cursor& other) { return one.at_ == other.at_; }
  friend bool operator!=(const Cursor& one, const Cursor& other) { return one.at_ != other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

// The lexer has read a token to its end when it tells of it, and of a number one byte more, which
// is a blank or ends a value; so the next token begins after what separates them.
class Sax : public nlohmann::json_sax<nlohmann::json> {
 public:
  Sax(std::string_view text, Document& document, std::vector<Fault>& faults)
      : builder_(document, faults),
        document_(document),
        faults_(faults),
        begin_(text.data()),
        end_(text.data() + text.size()),
        read_(begin_),
        furthest_(begin_),
        counted_(begin_) {}

  bool parse() {
    return nlohmann::json::sax_parse(Cursor(begin_, &furthest_), Cursor(end_, &furthest_), this);
  }

  bool null() override { return scalar(nullptr); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(number_integer_t value) override { return scalar(value); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    const Position at = token();
    if (text.find_first_of(".eE") == std::string::npos) {
      faults_.push_back(
          {document_.file, at, "\"" + text + "\" is out of the range of whole numbers"});
    }
    return builder_.scalar(value, at);
  }
  bool string(string_t& value) override { return scalar(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& name) override {
    const Position at = token();
    return builder_.key(name, at);
  }
  bool start_object(std::size_t) override {
    return builder_.open(nlohmann::json::object(), token());
  }
  bool start_array(std::size_t) override { return builder_.open(nlohmann::json::array(), token()); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool parse_error(std::size_t offset, const std::string&,
                   const nlohmann::json::exception& exception) override {
    // what() is "[json.exception.parse_error.101] parse error at line 1, column 2: why".
    const std::string what = exception.what();
    const std::size_t why = what.find(": ");
    const char* at = begin_ + std::min<std::size_t>(offset > 0 ? offset - 1 : 0,
                                                    static_cast<std::size_t>(end_ - begin_));
    faults_.push_back({document_.file, position(at),
                       "not JSON: " + (why == std::string::npos ? what : what.substr(why + 2))});
    return false;
  }

 private:
  template <class Value>
  bool scalar(Value value) {
    const Position at = token();
    return builder_.scalar(std::move(value), at);
  }
  bool end() {
    read_ = furthest_;
    builder_.close();
    return true;
  }
  // Where the token begins that the lexer has just read.
  Position token() {
    const char* start = read_;
    while (start != end_ &&
           std::string_view(" \t\r\n,:]}").find(*start) != std::string_view::npos) {
      ++start;
    }
    read_ = furthest_;
    return position(start);
  }
  // Asked in the order of the text, so each byte is looked at once.
  Position position(const char* at) {
    for (; counted_ < at; ++counted_) {
      if (*counted_ == '\n') {
        at_ = {at_.line + 1, 1};
      } else if (!U8_IS_TRAIL(*counted_)) {
        ++at_.column;
      }
    }
    return at_;
  }

  DocumentBuilder builder_;
  Document& document_;
  std::vector<Fault>& faults_;
  const char* begin_;
  const char* end_;
  const char* read_;
  const char* furthest_;
  const char* counted_;
  Position at_;  // of counted_
};

}  // namespace

bool parse_json(std::string_view text, Document& document, std::vector<Fault>& faults) {
  Sax sax(text, document, faults);
  return sax.parse();
}

}  // namespace readback::guard
