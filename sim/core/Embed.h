#pragma once

// A file becomes part of the program: the assembler's .incbin copies it into the object as it stands, so no megabytes
// of C++ array are compiled. `path` is a string literal; where the file may change, CMake's OBJECT_DEPENDS names it.
//
//     DRYDOCK_EMBED(player, PLAYER_JS)          // at file scope, outside of any namespace
//     … DRYDOCK_EMBEDDED(player) …              // std::span<std::byte const>

#include <cstddef>
#include <span>

#define DRYDOCK_EMBED(name, path)                                                                                      \
    __asm__(".pushsection .rodata, \"a\", @progbits\n"                                                                 \
            ".global drydock_embedded_" #name "_begin\n"                                                               \
            ".balign 16\n"                                                                                             \
            "drydock_embedded_" #name "_begin:\n"                                                                      \
            ".incbin \"" path "\"\n"                                                                                   \
            ".global drydock_embedded_" #name "_end\n"                                                                 \
            "drydock_embedded_" #name "_end:\n"                                                                        \
            ".byte 0\n"                                                                                                \
            ".popsection\n");                                                                                          \
    extern "C" std::byte const drydock_embedded_##name##_begin[];                                                      \
    extern "C" std::byte const drydock_embedded_##name##_end[]

#define DRYDOCK_EMBEDDED(name)                                                                                         \
    std::span<std::byte const>(drydock_embedded_##name##_begin, drydock_embedded_##name##_end)
