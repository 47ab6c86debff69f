#pragma once

// Names of images as the API's parameters split them.

#include "sim/oci/Manifest.h"
#include "sim/oci/Reference.h"

namespace drydock::daemon {

// A name out of "repo" and "tag"; the CLI sends the repository in full or as it was typed, and a digest as the tag.
inline Result<oci::Reference> named(std::string const& repository, std::string const& tag)
{
    bool const is_digest = tag.find(':') != std::string::npos;
    auto const text = tag.empty() ? repository : repository + (is_digest ? "@" : ":") + tag;
    return TRY(oci::Reference::parse(text));
}

// "linux/arm64/v8"; what is left out is as on this machine.
inline Result<oci::Platform> wanted_platform(std::string const& text)
{
    oci::Platform platform;
    if (text.empty())
        return platform;
    auto const slash = text.find('/');
    if (slash == std::string::npos)
        return fail(ErrorKind::InvalidInput, "unknown operating system or architecture: " + text);
    auto const second = text.find('/', slash + 1);
    platform.os = text.substr(0, slash);
    platform.architecture = text.substr(slash + 1, second == std::string::npos ? second : second - slash - 1);
    platform.variant = second == std::string::npos ? "" : text.substr(second + 1);
    return platform;
}

// Whether an image for `ours` is one for the platform that was asked for; a variant counts where both name one.
inline bool suits(oci::Platform const& ours, oci::Platform const& wanted)
{
    return ours.os == wanted.os && ours.architecture == wanted.architecture
        && (ours.variant.empty() || wanted.variant.empty() || ours.variant == wanted.variant);
}

inline std::string to_text(oci::Platform const& platform)
{
    return platform.os + "/" + platform.architecture + (platform.variant.empty() ? "" : "/" + platform.variant);
}

}
