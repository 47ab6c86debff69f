#pragma once

// Answers in the form that docker's clients expect: JSON, and every refusal as {"message":"…"} with exactly
// `Content-Type: application/json` (they compare it to the letter). Only for .cpp files.

#include "engine/daemon/Json.h"
#include "engine/http/Http.h"

namespace drydock::daemon {

int status_of(ErrorKind);
Result<void> reply(http::Exchange&, int status, json const& body);
Result<void> reply_empty(http::Exchange&, int status);
Result<void> reply_error(http::Exchange&, int status, std::string const& message);
Error not_built(std::string const& what); // 501, in plain words

// What a person should read who has BuildKit switched on.
inline constexpr std::string_view no_buildkit_message
    = "BuildKit is not served here: Drydock has the classic builder. Set DOCKER_BUILDKIT=0 and build again";

// The body as JSON; InvalidInput unless it is declared and is JSON.
Result<json> read_json(http::Exchange&);

}
