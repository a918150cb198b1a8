#include <string>
#include <string_view>
#include <vector>

#include "configs/demo/notes_service/editor.h"

namespace demo::notes {
namespace {

using Paragraphs = std::vector<std::string>;

Paragraphs paragraphs_of(std::string_view text) {
  Paragraphs paragraphs(1);
  for (const char c : text)
    if (c == '\n')
      paragraphs.emplace_back();
    else
      paragraphs.back() += c;
  return paragraphs;
}

std::string text_of(const Paragraphs& paragraphs) {
  std::string text = paragraphs.front();
  for (std::size_t i = 1; i < paragraphs.size(); ++i) text += '\n' + paragraphs[i];
  return text;
}

}  // namespace

Acknowledgement NewEditor::save(const Fault& fault, const Edit& edit) {
  Edit composed = edit;
  for (auto& text : composed.changes)
    if (text) text = text_of(paragraphs_of(*text));
  if (fault.kind != FaultKind::none) return broken_.save(fault, composed, Path::new_editor);
  return {.revision = store_.save(composed)};
}

}  // namespace demo::notes
