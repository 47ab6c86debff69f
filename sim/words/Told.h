#pragma once

// What the engine says in words of its own: why a goal is not met yet, what to take care of, why a world was chosen. It
// is recorded in English, because a trace has no language; where it is shown, `told` says it in the one that is on.

#include <span>
#include <string>
#include <string_view>

namespace drydock::words {

// The sentences that are known, with {} where a name or a number stands. tests/structure holds the sources to them.
std::span<std::string_view const> told_sentences();

// `english` in the language that is on. What stands in the places of {} stays, unless it is such a sentence itself; so
// does a text that is none of them: the kernel's words, docker's, a program's.
std::string told(std::string_view english);

}
