#include "probes/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include <array>
#include <cassert>
#include <cstdio>
#include <memory>

namespace readback::probes {
namespace {

icu::UnicodeString to_icu(std::u32string_view text) {
  static_assert(sizeof(UChar32) == sizeof(char32_t));
  return icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()),
                                       static_cast<int32_t>(text.size()));
}

std::u32string from_icu(const icu::UnicodeString& text) {
  std::u32string result;
  result.reserve(static_cast<std::size_t>(text.length()));
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    result.push_back(U_IS_SURROGATE(c) ? U'\uFFFD' : static_cast<char32_t>(c));
  }
  return result;
}

using Form = const icu::Normalizer2* (*)(UErrorCode&);

std::u32string normalise(std::u32string_view text, Form form) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const normalizer = form(error);
  assert(U_SUCCESS(error));
  const icu::UnicodeString result = normalizer->normalize(to_icu(text), error);
  assert(U_SUCCESS(error));
  return from_icu(result);
}

UChar32 code(char32_t c) {
  return static_cast<UChar32>(c);
}

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

// One that stops at what it cannot convert, in both directions.
Converter open_strictly(const char* charset) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(charset, &error));
  assert(U_SUCCESS(error));
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &error);
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  ucnv_setFallback(converter.get(), false);
  assert(U_SUCCESS(error));
  return converter;
}

std::optional<icu::UnicodeString> decode(UConverter* converter, const std::string& bytes) {
  const auto size = static_cast<int32_t>(bytes.size());
  const int32_t room = size * 2 + 16;
  icu::UnicodeString text;
  UErrorCode error = U_ZERO_ERROR;
  const int32_t length =
      ucnv_toUChars(converter, text.getBuffer(room), room, bytes.data(), size, &error);
  text.releaseBuffer(U_SUCCESS(error) ? length : 0);
  if (U_FAILURE(error)) return std::nullopt;
  return text;
}

}  // namespace

std::u32string decode_utf8(std::string_view bytes) {
  const icu::StringPiece piece(bytes.data(), static_cast<int32_t>(bytes.size()));
  return from_icu(icu::UnicodeString::fromUTF8(piece));
}

std::string encode_utf8(std::u32string_view text) {
  std::string bytes;
  return to_icu(text).toUTF8String(bytes);
}

bool is_utf8(std::string_view bytes) {
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(nullptr, 0, nullptr, bytes.data(), static_cast<int32_t>(bytes.size()), &error);
  return error != U_INVALID_CHAR_FOUND;
}

std::u32string to_nfc(std::u32string_view text) {
  return normalise(text, &icu::Normalizer2::getNFCInstance);
}

std::u32string to_nfd(std::u32string_view text) {
  return normalise(text, &icu::Normalizer2::getNFDInstance);
}

std::u32string to_nfkc(std::u32string_view text) {
  return normalise(text, &icu::Normalizer2::getNFKCInstance);
}

std::u32string fold_case(std::u32string_view text) {
  return from_icu(to_icu(text).foldCase());
}

bool is_blank(char32_t c) {
  return u_isUWhiteSpace(code(c));
}

bool is_visible(char32_t c) {
  constexpr auto kUnseen = U_GC_C_MASK & ~U_GC_CO_MASK;
  return !is_blank(c) && (U_GET_GC_MASK(code(c)) & kUnseen) == 0 &&
         !u_hasBinaryProperty(code(c), UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool is_letter_or_digit(char32_t c) {
  return u_isalnum(code(c));
}

bool is_latin(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(code(c), &error) == USCRIPT_LATIN;
}

bool is_mark(char32_t c) {
  return (U_GET_GC_MASK(code(c)) & U_GC_M_MASK) != 0;
}

bool is_control(char32_t c) {
  return u_charType(code(c)) == U_CONTROL_CHAR;
}

bool is_format(char32_t c) {
  return u_charType(code(c)) == U_FORMAT_CHAR;
}

bool is_symbol(char32_t c) {
  return (U_GET_GC_MASK(code(c)) & U_GC_S_MASK) != 0;
}

bool is_private_use(char32_t c) {
  return u_charType(code(c)) == U_PRIVATE_USE_CHAR;
}

bool is_noncharacter(char32_t c) {
  return U_IS_UNICODE_NONCHAR(c);
}

std::string name_of(char32_t c) {
  std::array<char, 128> name{};
  UErrorCode error = U_ZERO_ERROR;
  u_charName(code(c), U_EXTENDED_CHAR_NAME, name.data(), static_cast<int32_t>(name.size()), &error);
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "U+%04X", static_cast<unsigned>(c));
  return std::string(number.data()) + " " + name.data();
}

std::optional<std::u32string> recode(std::u32string_view text, const char* written_as,
                                     const char* read_as) {
  const icu::UnicodeString source = to_icu(text);
  UErrorCode error = U_ZERO_ERROR;
  std::string bytes(static_cast<std::size_t>(source.length()) * 4 + 16, '\0');
  const Converter writer = open_strictly(written_as);
  const int32_t size =
      ucnv_fromUChars(writer.get(), bytes.data(), static_cast<int32_t>(bytes.size()),
                      source.getBuffer(), source.length(), &error);
  if (U_FAILURE(error)) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size));
  // ICU drops what it deems ignorable, as joiners, whatever the call-back says.
  if (decode(writer.get(), bytes) != source) return std::nullopt;
  const Converter reader = open_strictly(read_as);
  const auto result = decode(reader.get(), bytes);
  if (!result) return std::nullopt;
  return from_icu(*result);
}

}  // namespace readback::probes
