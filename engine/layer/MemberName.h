#pragma once

// What a name inside a layer may be. Names are only keys of an index, so they cannot reach outside; what is refused
// here would mean different things to different tools (HARDENING T1, T3).

#include "engine/layer/Entry.h"
#include "sim/core/Result.h"

#include <string>
#include <string_view>

namespace drydock::layer {

// A whiteout hides its name in the layers below; the opaque marker hides all that they have in its directory
// (image-spec layer.md, "Whiteouts").
inline constexpr std::string_view whiteout_prefix = ".wh.";
inline constexpr std::string_view opaque_marker = ".wh..wh..opq";

// "./etc//motd" and "/etc/motd" become "etc/motd"; "./" becomes "". InvalidInput for "..", NUL and what is too long
// or too deep.
Result<std::string> clean_path(std::string_view name);

// Refuses names that only look like whiteouts, and members that cannot be what they say.
Result<void> check_member(Entry const&);

// For messages: control characters and other tools' tricks made visible, shortened.
std::string printable(std::string_view name);

}
