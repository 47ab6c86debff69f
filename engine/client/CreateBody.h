#pragma once

// The flags of `docker run` and `docker create`, and the JSON they become.

#include "engine/client/Invocation.h"

#include <nlohmann/json_fwd.hpp>

namespace drydock::client {

std::vector<Flag> create_flags();

// "nofile=1024:2048" of each, as the API has it.
nlohmann::ordered_json ulimits(std::vector<std::string> const& given);

// Which streams of the container are this terminal's: those of --attach, or all where nobody says (stdin with -i).
struct AttachChoice {
    bool input { false };
    bool out { true };
    bool err { true };
    bool any() const { return input || out || err; }
};
Result<AttachChoice> attach_choice(Arguments const&);
Result<std::string> create_body(Invocation const&);
// What a list flag says, after the lines of the files of another (--env-file and --env), so that it overrides them.
Result<std::vector<std::string>> with_files(Invocation const&, char const* file_flag, char const* flag);

}
