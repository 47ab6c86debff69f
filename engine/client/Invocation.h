#pragma once

// One command line on its way: what was typed, the daemon it talks to, and the terminal it prints on. The commands are
// plain functions of an Invocation that return docker's exit status.

#include "engine/client/Api.h"
#include "engine/client/DockerClient.h"
#include "engine/client/Flags.h"
#include "engine/client/LocalFiles.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace drydock::client {

struct Command;

struct Invocation {
    Command const& command;
    Arguments arguments;
    Api& api;
    Scheduler& scheduler;
    Terminal const& terminal;
    LocalFiles& files;

    std::vector<std::string> const& words() const { return arguments.positional(); }
    void out(std::string_view text) const { terminal.write(false, text); }
    void err(std::string_view text) const { terminal.write(true, text); }
    int failed(Error const& error) const; // prints it; 1

    // The answer parsed; Corrupt where it is no JSON.
    Result<nlohmann::ordered_json> get(std::string const& path) const;
    // Does `action` for each word, printing the word where it went well, the failure where not; 1 if any failed.
    int for_each_word(std::function<Result<void>(std::string const& word)> const& action) const;
};

struct Command {
    std::string_view name;  // "run"
    std::string_view usage; // "[OPTIONS] IMAGE [COMMAND] [ARG...]"
    std::string_view help;  // "Create and run a new container from an image"
    std::vector<Flag> flags;
    std::size_t least { 0 };
    std::size_t most { 0 }; // words
    int (*run)(Invocation const&) { nullptr };
    FlagOrder order { FlagOrder::Anywhere };
    bool needs_daemon { true };
};

constexpr std::size_t any_number = static_cast<std::size_t>(-1);

std::string all_input(Terminal const&); // until its end

// "a=b" of each as {"a":"b"}; a name alone has an empty value.
nlohmann::ordered_json assignments(std::vector<std::string> const& given);

std::string container_path(std::string const& name, std::string_view rest = {}); // "/containers/web/start"
std::string image_path(std::string const& name, std::string_view rest = {});     // slashes and colons stay

// The commands, grouped as the files are.
std::vector<Command> run_commands();
std::vector<Command> container_commands();
std::vector<Command> image_commands();
std::vector<Command> build_commands();
std::vector<Command> registry_commands();
std::vector<Command> archive_commands();
std::vector<Command> system_commands();
std::vector<Command> file_commands();
std::vector<Command> volume_commands();
std::vector<Command> usage_commands();
std::vector<Command> disk_commands();
std::vector<Command> prune_commands();
std::vector<Command> network_commands();
std::vector<Command> context_commands();

}
