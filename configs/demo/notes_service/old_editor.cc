#include "configs/demo/notes_service/editor.h"

namespace demo::notes {

Acknowledgement OldEditor::save(const Fault& fault, const Edit& edit) {
  if (fault.kind != FaultKind::none) return broken_.save(fault, edit, Path::old_editor);
  return {.revision = store_.save(edit)};
}

}  // namespace demo::notes
