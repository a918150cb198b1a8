#pragma once

#include "configs/demo/notes_service/broken_storage.h"
#include "configs/demo/notes_service/fault.h"
#include "configs/demo/notes_service/note.h"
#include "configs/demo/notes_service/store.h"

// The two editors between which the flag decides. Both end in the same storage.

namespace demo::notes {

// The editor that has been there for years: it stores each field as it came.
class OldEditor {
 public:
  OldEditor(Store& store, BrokenStorage& broken) : store_(store), broken_(broken) {}
  Acknowledgement save(const Fault& fault, const Edit& edit);

 private:
  Store& store_;
  BrokenStorage& broken_;
};

// The editor that is being rolled out: it takes a field apart into paragraphs, as it shows them,
// and puts the text together from these again.
class NewEditor {
 public:
  NewEditor(Store& store, BrokenStorage& broken) : store_(store), broken_(broken) {}
  Acknowledgement save(const Fault& fault, const Edit& edit);

 private:
  Store& store_;
  BrokenStorage& broken_;
};

}  // namespace demo::notes
