#include "probes/secret.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <ostream>
#include <type_traits>
#include <utility>

using namespace readback::probes;

namespace {

template <class T, class = void>
constexpr bool kIsPrintable = false;
template <class T>
constexpr bool kIsPrintable<
    T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>> = true;

// A file for one test, gone after it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    const int file = mkstemp(path_.data());
    REQUIRE(file >= 0);
    close(file);
    write(text);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/readback-secret-XXXXXX";
};

}  // namespace

TEST_SUITE("probes/secret") {
  TEST_CASE("a secret has no way into a stream") {
    static_assert(kIsPrintable<std::string>);
    static_assert(!kIsPrintable<Secret>);
    static_assert(!kIsPrintable<SecretText>);
    static_assert(!std::is_convertible_v<SecretText, std::string>);
    CHECK(Secret::from_environment("NOTES_TOKEN").place() == "environment variable NOTES_TOKEN");
    CHECK(Secret::from_file("/etc/token").place() == "file /etc/token");
  }

  TEST_CASE("a file's secret is its line, and a new one is seen at the next read") {
    const TemporaryFile file("jeton\n");
    const auto secret = Secret::from_file(file.path());
    CHECK(secret.read()->reveal() == "jeton");
    file.write("autre");
    CHECK(secret.read()->reveal() == "autre");
    file.write("crlf\r\n");
    CHECK(secret.read()->reveal() == "crlf");
    file.write(std::string(8'192, 'x') + "\n");
    CHECK(secret.read()->reveal().size() == 8'192);
  }

  TEST_CASE("what is no secret is refused by its place, and never shown") {
    const TemporaryFile file("");
    const auto secret = Secret::from_file(file.path());
    const auto refusal = [&](const std::string& text) {
      file.write(text);
      const auto read = secret.read();
      REQUIRE(read.has_error());
      CHECK(read.error().what.find("hush") == std::string::npos);
      return read.error().what.substr(("file " + file.path()).size());
    };
    CHECK(refusal("") == " is empty");
    CHECK(refusal("\n") == " is empty");
    CHECK(refusal("hush\nhush\n") == " holds a control character");
    CHECK(refusal(std::string("hush\0", 5)) == " holds a control character");
    CHECK(refusal("hush" + std::string(8'192, 'x')) == " is too long for a secret");
    CHECK(Secret::from_file("/nowhere/at/all").read().has_error());
    CHECK(Secret::from_file("/tmp").read().has_error());
    CHECK(Secret::from_environment("READBACK_NONE").read().has_error());
  }

  TEST_CASE("a file that others may read or write, or that is another user's, is no secret") {
    const TemporaryFile file("hush\n");
    const auto secret = Secret::from_file(file.path());
    for (const auto& [mode, is_taken] : {std::pair{0600, true},
                                         {0400, true},
                                         {0440, true},
                                         {0640, true},
                                         {0660, false},
                                         {0604, false},
                                         {0644, false},
                                         {0602, false},
                                         {0601, false}}) {
      CAPTURE(mode);
      REQUIRE(chmod(file.path().c_str(), static_cast<mode_t>(mode)) == 0);
      const auto read = secret.read();
      CHECK(read.has_value() == is_taken);
      if (read.has_error()) CHECK(read.error().what.find(file.path()) != std::string::npos);
      if (read.has_error()) CHECK(read.error().what.find("hush") == std::string::npos);
    }
    REQUIRE(chmod(file.path().c_str(), 0600) == 0);
    if (geteuid() == 0) {
      REQUIRE(chown(file.path().c_str(), 12'345, 0) == 0);
      CHECK(secret.read().has_error());
    }
  }

  TEST_CASE("a variable's secret is its value") {
    setenv("READBACK_TEST_SECRET", "jeton", 1);
    CHECK(Secret::from_environment("READBACK_TEST_SECRET").read()->reveal() == "jeton");
    unsetenv("READBACK_TEST_SECRET");
    CHECK(Secret::from_environment("READBACK_TEST_SECRET").read().has_error());
  }
}
