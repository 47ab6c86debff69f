#pragma once

// Names of images as the API's parameters split them.

#include "sim/oci/Reference.h"

namespace drydock::daemon {

// A name out of "repo" and "tag"; the CLI sends the repository in full or as it was typed, and a digest as the tag.
inline Result<oci::Reference> named(std::string const& repository, std::string const& tag)
{
    bool const is_digest = tag.find(':') != std::string::npos;
    auto const text = tag.empty() ? repository : repository + (is_digest ? "@" : ":") + tag;
    return TRY(oci::Reference::parse(text));
}

}
