#include <unicode/utf8.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "guard/document_builder.h"

namespace readback::guard {
namespace {

// yaml-cpp counts lines and bytes from 0; people count code points from 1.
class Ruler {
 public:
  explicit Ruler(std::string_view text) : text_(text), lines_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
    }
  }
  Position position(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    const auto line = std::min(static_cast<std::size_t>(mark.line), lines_.size() - 1);
    const std::size_t begin = lines_[line];
    const std::size_t end = std::min(begin + static_cast<std::size_t>(mark.column), text_.size());
    // Marks come in the order of the text: a line of a whole file is counted once, not once a mark.
    if (counted_ < begin || counted_ > end) {
      counted_ = begin;
      code_points_ = 0;
    }
    const std::string_view further = text_.substr(counted_, end - counted_);
    code_points_ += static_cast<std::size_t>(
        std::count_if(further.begin(), further.end(), [](char c) { return !U8_IS_TRAIL(c); }));
    counted_ = end;
    return {static_cast<unsigned>(line) + 1, static_cast<unsigned>(code_points_) + 1};
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> lines_;
  std::size_t counted_ = 0;      // bytes of the text, up to
  std::size_t code_points_ = 0;  // of the line that holds it
};

// Ends the parse; the fault was added already.
struct Stopped {};

bool is_number_to_somebody(std::string text) {
  std::erase(text, '_');
  if (text.starts_with('+') || text.starts_with('-')) text.erase(0, 1);
  if (text.empty()) return false;
  const auto consists_of = [](std::string_view whole, const char* letters) {
    return !whole.empty() && whole.find_first_not_of(letters) == std::string_view::npos;
  };
  const std::string_view rest =
      std::string_view(text).substr(std::min<std::size_t>(2, text.size()));
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return consists_of(rest, "0123456789abcdefABCDEF");
  }
  if (text.starts_with("0o") || text.starts_with("0b")) return consists_of(rest, "01234567");
  if (consists_of(text, "0123456789:") && text.front() != ':' && text.back() != ':') return true;
  double value = 0;
  const std::string_view number =
      std::string_view(text).substr(text.starts_with(".n") || text.starts_with(".N") ||
                                    text.starts_with(".i") || text.starts_with(".I"));
  const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error != std::errc::invalid_argument && stop == number.data() + number.size();
}

bool is_truth_to_somebody(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const char* word : {"yes", "no", "on", "off", "y", "n", "true", "false"}) {
    if (text == word) return true;
  }
  return false;
}

// The value of a scalar without quotes: JSON's true, false and numbers, else text.
nlohmann::json plain(const std::string& text, std::string& why) {
  if (text == "true" || text == "false") return text == "true";
  nlohmann::json number = nlohmann::json::parse(text, nullptr, false);
  if (number.is_number()) {
    const bool is_whole = text.find_first_of(".eE") == std::string::npos;
    if (is_whole != number.is_number_float()) return number;
    why = "\"" + text + "\" is out of the range of whole numbers";
    return number;
  }
  if (is_truth_to_somebody(text)) {
    why = "\"" + text + "\" is a truth value to some and text to others: write true or false, " +
          "or put it in quotes";
  } else if (is_number_to_somebody(text)) {
    why = "\"" + text + "\" is one number to some, another or text to others: write a plain " +
          "decimal number, or put it in quotes";
  }
  return text;
}

class Handler : public YAML::EventHandler {
 public:
  Handler(Ruler& ruler, Document& document, std::vector<Fault>& faults)
      : ruler_(ruler), builder_(document, faults), document_(document), faults_(faults) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, "a second document: one file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (builder_.expects_key()) stop(mark, "a key is missing");
    go_on(builder_.scalar(nullptr, builder_.empty_at(ruler_.position(mark))));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "an alias (*): write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (builder_.expects_key()) {
      if (value == "<<") add(mark, "a merge key (<<): write the keys out");
      go_on(builder_.key(value, ruler_.position(mark)));
      return;
    }
    std::string why;
    nlohmann::json scalar = tag == "?" ? plain(value, why) : nlohmann::json(value);
    if (!why.empty()) add(mark, why);
    go_on(builder_.scalar(std::move(scalar), ruler_.position(mark)));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, nlohmann::json::array());
  }
  void OnSequenceEnd() override { builder_.close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, nlohmann::json::object());
  }
  void OnMapEnd() override { builder_.close(); }

 private:
  void add(const YAML::Mark& mark, const std::string& what) {
    faults_.push_back({document_.file, ruler_.position(mark), what});
  }
  [[noreturn]] void stop(const YAML::Mark& mark, const std::string& what) {
    add(mark, what);
    throw Stopped{};
  }
  static void go_on(bool is_within_bounds) {
    if (!is_within_bounds) throw Stopped{};
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) add(mark, "an anchor (&): write the value out where it is used");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") add(mark, "a tag (!): leave it out");
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            nlohmann::json empty) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (builder_.expects_key()) stop(mark, "a key must be text");
    go_on(builder_.open(std::move(empty), ruler_.position(mark)));
  }

  Ruler& ruler_;
  DocumentBuilder builder_;
  Document& document_;
  std::vector<Fault>& faults_;
  int documents_ = 0;
};

}  // namespace

bool parse_yaml(std::string_view text, Document& document, std::vector<Fault>& faults) {
  Ruler ruler(text);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    Handler handler(ruler, document, faults);
    if (!parser.HandleNextDocument(handler)) {
      faults.push_back({document.file, {}, "the file is empty"});
      return false;
    }
    parser.HandleNextDocument(handler);
    return true;
  } catch (const YAML::Exception& exception) {
    faults.push_back({document.file, ruler.position(exception.mark), "not YAML: " + exception.msg});
  } catch (const Stopped&) {
  }
  return false;
}

}  // namespace readback::guard
