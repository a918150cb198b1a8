#include "guard/foresight/drawing.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace readback::guard::foresight {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else
      result += c;
  }
  return result;
}

std::string at(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", number);
  return text.data();
}

std::string attribute(const char* name, const std::string& value) {
  return " " + std::string(name) + "=\"" + value + "\"";
}

}  // namespace

void Drawing::text(double x, double y, const std::string& words, const Style& style) {
  body_ +=
      "<text" + attribute("x", at(x)) + attribute("y", at(y)) + attribute("fill", style.fill) +
      attribute("font-size", std::to_string(style.size)) + attribute("text-anchor", style.anchor) +
      (style.is_bold ? attribute("font-weight", "bold") : "") + ">" + escaped(words) + "</text>\n";
}

double Drawing::paragraph(double x, double y, const std::string& words, std::size_t letters,
                          const Style& style) {
  std::string left = words;
  while (!left.empty()) {
    std::size_t end = left.size();
    if (end > letters) {
      end = left.rfind(' ', letters);
      if (end == std::string::npos) end = letters;
    }
    text(x, y, left.substr(0, end), style);
    left.erase(0, std::min(end + 1, left.size()));
    y += style.size + 5;
  }
  return y;
}

void Drawing::box(double x, double y, double width, double height, const char* fill) {
  body_ += "<rect" + attribute("x", at(x)) + attribute("y", at(y)) +
           attribute("width", at(std::max(width, 0.0))) + attribute("height", at(height)) +
           attribute("fill", fill) + "/>\n";
}

void Drawing::line(double x1, double y1, double x2, double y2, const char* stroke, bool is_dashed) {
  body_ += "<line" + attribute("x1", at(x1)) + attribute("y1", at(y1)) + attribute("x2", at(x2)) +
           attribute("y2", at(y2)) + attribute("stroke", stroke) +
           (is_dashed ? attribute("stroke-dasharray", "4 3") : "") + "/>\n";
}

void Drawing::diamond(double x, double y, const char* fill) {
  body_ += "<path" +
           attribute("d", "M" + at(x - 5) + " " + at(y) + " L" + at(x) + " " + at(y - 5) + " L" +
                              at(x + 5) + " " + at(y) + " L" + at(x) + " " + at(y + 5) + " Z") +
           attribute("fill", fill) + "/>\n";
}

std::string Drawing::done(double width, double height) const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", at(width)) +
         attribute("height", at(height)) +
         attribute("viewBox", "0 0 " + at(width) + " " + at(height)) +
         attribute("font-family", "DejaVu Sans, Helvetica, Arial, sans-serif") + ">\n<rect" +
         attribute("width", "100%") + attribute("height", "100%") + attribute("fill", "white") +
         "/>\n" + body_ + "</svg>\n";
}

}  // namespace readback::guard::foresight
