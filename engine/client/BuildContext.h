#pragma once

// What `docker build PATH` sends: the directory as a tar, without what .dockerignore leaves out, as docker's own
// client makes it. Made while it is sent, so a context of any size needs little memory.

#include "engine/client/LocalFiles.h"

namespace drydock::client {

struct ContextRequest {
    std::string directory;
    std::string dockerfile; // as typed with -f; empty: "Dockerfile" in the directory
};

class BuildContext {
public:
    // InvalidInput and NotFound begin with docker's "unable to prepare context".
    static Result<BuildContext> open(LocalFiles&, ContextRequest const&);

    std::string const& dockerfile() const { return m_dockerfile; } // its name in the tar
    // The next piece of the tar; empty at its end.
    Result<std::string> next();

private:
    struct State;
    BuildContext(std::shared_ptr<State> state, std::string dockerfile)
        : m_state(std::move(state))
        , m_dockerfile(std::move(dockerfile))
    {
    }
    std::shared_ptr<State> m_state;
    std::string m_dockerfile;
};

// `docker build -`: a Dockerfile, or a whole context as a tar, on standard input. Yields the tar.
std::string context_of_input(std::string input);

}
