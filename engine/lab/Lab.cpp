#include "engine/lab/Lab.h"

#include "engine/lab/Worlds.h"

namespace drydock::lab {

Result<std::unique_ptr<Lab>> Lab::open(Options options, trace::EventLog& log)
{
    switch (options.world) {
    case World::Live: return open_live(std::move(options), log);
    case World::Simulated: return open_simulated(std::move(options), log);
    }
    return fail(ErrorKind::Internal, "no such world");
}

int run_line(client::DockerClient& client, std::string const& line, client::Terminal const& terminal)
{
    auto words = client::split_words(line);
    if (!words) {
        terminal.write(true, words.error().message() + "\n");
        return 2;
    }
    if (words->empty())
        return 0;
    if (words->front() != "docker") {
        terminal.write(true, words->front() + ": this terminal knows one program: docker\n");
        return 127;
    }
    words->erase(words->begin());
    return client.run(*words, terminal);
}

}
