// Any bytes as a text and edits of it: the classifier and its naive second implementation name the
// same class; spans lie within the texts, and what lies outside of them is the same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "probes/classify.h"
#include "probes/unicode.h"
#include "tests/probes/naive_classifier.h"

namespace {

using namespace readback::probes;

[[noreturn]] void fail(const char* what, const Reading& reading, const Classification& found) {
  std::fprintf(stderr, "%s: %s; naively %s\nwritten: %s\nread: %s\n%s\n", what,
               to_string(found.loss_class).data(), to_string(classify_naively(reading)).data(),
               reading.written.c_str(), reading.readback.c_str(), found.explanation.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const Reading reading = random_reading({bytes, size});
  const Classification found = classify(reading);
  if (found.loss_class != classify_naively(reading)) fail("differs", reading, found);
  if (found.in_written == Span{} && found.in_read == Span{}) return 0;
  const std::u32string written = decode_utf8(reading.written), read = decode_utf8(reading.readback);
  const auto [at, length] = found.in_written;
  if (at + length > written.size() || found.in_read.offset + found.in_read.length > read.size())
    fail("a span is outside", reading, found);
  if (written.substr(0, at) + read.substr(found.in_read.offset, found.in_read.length) +
          written.substr(at + length) !=
      read)
    fail("a span is wrong", reading, found);
  return 0;
}
