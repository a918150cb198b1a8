#pragma once

#include <cstddef>
#include <string>

// A page of an SVG picture: words, boxes, lines. Lengths are in pixels, from the upper left corner.

namespace readback::guard::foresight {

class Drawing {
 public:
  struct Style {
    const char* fill = "#0f172a";
    int size = 13;
    const char* anchor = "start";  // or middle, or end: which part of the words is at x
    bool is_bold = false;
  };

  void text(double x, double y, const std::string& words, const Style& style);
  void text(double x, double y, const std::string& words) { text(x, y, words, Style()); }
  // Words in lines of at most so many letters; the y of the line after them.
  double paragraph(double x, double y, const std::string& words, std::size_t letters,
                   const Style& style);
  void box(double x, double y, double width, double height, const char* fill);
  void line(double x1, double y1, double x2, double y2, const char* stroke, bool is_dashed = false);
  void diamond(double x, double y, const char* fill);

  // The whole page.
  std::string done(double width, double height) const;

 private:
  std::string body_;
};

}  // namespace readback::guard::foresight
