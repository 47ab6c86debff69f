#include "engine/client/Invocation.h"

#include <nlohmann/json.hpp>

namespace drydock::client {

int Invocation::failed(Error const& error) const
{
    err(error.message() + "\n");
    return 1;
}

Result<nlohmann::ordered_json> Invocation::get(std::string const& path) const
{
    auto const body = TRY(api.call("GET", path));
    auto parsed = nlohmann::ordered_json::parse(body, nullptr, false);
    if (parsed.is_discarded())
        return fail(ErrorKind::Corrupt, "the daemon's answer to GET " + path + " is no JSON");
    return parsed;
}

int Invocation::for_each_word(std::function<Result<void>(std::string const&)> const& action) const
{
    int status = 0;
    for (auto const& word : words()) {
        if (auto const done = action(word)) {
            out(word + "\n");
        } else {
            status = failed(done.error());
        }
    }
    return status;
}

std::string all_input(Terminal const& terminal)
{
    std::string input;
    while (terminal.read) {
        auto const piece = terminal.read();
        if (piece.empty())
            break;
        input += piece;
    }
    return input;
}

nlohmann::ordered_json assignments(std::vector<std::string> const& given)
{
    auto object = nlohmann::ordered_json::object();
    for (auto const& text : given) {
        auto const equals = text.find('=');
        object[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
    }
    return object;
}

std::string container_path(std::string const& name, std::string_view rest)
{
    return "/containers/" + http::percent_encode(name) + std::string(rest);
}

std::string image_path(std::string const& name, std::string_view rest)
{
    // The daemon finds the name by the known suffix, so its slashes and colons travel as they are.
    return "/images/" + name + std::string(rest);
}

}
