#pragma once

// A few lines of Drydock's own source around the one that published an event, where the source lies at hand: in a
// checkout that the program was built in.

#include "visual/view/Model.h"

namespace drydock::app {

// `file` may come from a trace that somebody else wrote: only sources below the checkout are read.
view::SourceExcerpt source_lines(std::string const& file, std::uint32_t line);

}
