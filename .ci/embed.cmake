# Writes the file IN as a string_view NAME into the header OUT, in pieces that a compiler takes.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "((......,){16})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "#pragma once\n#include <string_view>\nnamespace readback::embedded {\n"
  "inline constexpr char ${NAME}_bytes[] = {\n${bytes}'\\0'};\n"
  "inline constexpr std::string_view ${NAME}(${NAME}_bytes, sizeof ${NAME}_bytes - 1);\n}\n")
