#pragma once

// `POST /images/create` and its progress stream, one JSON object a line, printed as docker does when its output is no
// terminal: the steps, without the moving bars.

#include "engine/client/Invocation.h"

namespace drydock::client {

enum class Progress : std::uint8_t { ToStdout, ToStderr, Quiet };

Result<void> pull_image(Invocation const&, std::string const& reference, Progress);
// One message of such a stream; its error is the Result's.
Result<void> print_progress(Invocation const&, nlohmann::ordered_json const& message, Progress);

// "busybox" → "docker.io/library/busybox" and "latest"; a digest takes the tag's place, as the API wants it.
struct FullName {
    std::string repository;
    std::string tag;
    std::string canonical; // both, as the CLI prints it at the end of a pull
    bool tag_was_implied { false };
};
Result<FullName> full_name(std::string const& reference);

// Reads lines of JSON from a streaming answer until it ends, giving each to `take`.
Result<void> for_each_message(http::Response&, std::function<Result<void>(nlohmann::ordered_json const&)> const& take);

}
