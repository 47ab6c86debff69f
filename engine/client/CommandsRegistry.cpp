// push, login, logout, search.

#include "engine/client/Credentials.h"
#include "engine/client/Format.h"
#include "engine/client/Pull.h"
#include "sim/oci/Reference.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

Result<void> push_image(Invocation const& in)
{
    auto const& word = in.words().front();
    auto const name = TRY(oci::Reference::parse(word));
    bool const all = in.arguments.is_set("all-tags");
    bool const quiet = in.arguments.is_set("quiet");
    bool const has_tag = word.ends_with(":" + name.tag);
    if (all && has_tag)
        return fail(ErrorKind::InvalidInput, "tag can't be used with --all-tags/-a");
    if (!all && !has_tag && !quiet)
        in.out("Using default tag: latest\n");
    http::Headers headers;
    headers.set("X-Registry-Auth", TRY(Credentials(in.files).header(name.registry)));
    http::Query const parameters = all ? http::Query {} : http::Query { { "tag", name.tag } };
    auto response
        = TRY(in.api.open("POST", image_path(name.familiar_repository(), "/push" + query(parameters)), {}, headers));
    TRY(for_each_message(response, [&](json const& message) {
        return message.contains("aux") ? Result<void> {}
                                       : print_progress(in, message, quiet ? Progress::Quiet : Progress::ToStdout);
    }));
    if (quiet)
        in.out(name.canonical() + "\n");
    return {};
}

int push(Invocation const& in)
{
    auto const done = push_image(in);
    return done ? 0 : in.failed(done.error());
}

// The password from the flag, or the first line of what is typed.
Result<std::string> password_of(Invocation const& in)
{
    if (!in.arguments.is_set("password-stdin"))
        return in.arguments.text("password");
    std::string typed;
    if (in.terminal.read) {
        for (auto piece = in.terminal.read(); !piece.empty(); piece = in.terminal.read())
            typed += piece;
    }
    typed.erase(std::find_if(typed.begin(), typed.end(), [](char c) { return c == '\n' || c == '\r'; }), typed.end());
    return typed;
}

std::string registry_of(Invocation const& in)
{
    if (in.words().empty())
        return "docker.io";
    auto name = in.words().front();
    for (std::string_view const scheme : { "https://", "http://" }) {
        if (name.starts_with(scheme))
            name.erase(0, scheme.size());
    }
    return name.substr(0, name.find('/'));
}

Result<void> log_in(Invocation const& in)
{
    auto const registry = registry_of(in);
    Credentials credentials(in.files);
    auto password = TRY(password_of(in));
    Login login { in.arguments.text("username"), std::move(password) };
    if (login.username.empty()) {
        // As docker does it: what is stored is tried again.
        auto const stored = TRY(credentials.find(registry));
        if (!stored)
            return fail(ErrorKind::InvalidInput,
                "Error: Cannot perform an interactive login from a non TTY device: use --username and "
                "--password-stdin");
        login = *stored;
    }
    if (login.password.empty())
        return fail(ErrorKind::InvalidInput, "Error: password is empty: give it with --password-stdin");
    json const body { { "username", login.username }, { "password", login.password },
        { "serveraddress", server_address(registry) } };
    auto const answer = json::parse(TRY(in.api.call("POST", "/auth", body.dump())), nullptr, false);
    TRY(credentials.store(registry, login));
    if (in.arguments.has("password"))
        in.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    in.err("\nWARNING! Your credentials are stored unencrypted in '" + credentials.path() + "'.\n\n");
    in.out(answer.value("Status", "Login Succeeded") + "\n");
    return {};
}

int login(Invocation const& in)
{
    auto const done = log_in(in);
    return done ? 0 : in.failed(done.error());
}

int logout(Invocation const& in)
{
    auto const registry = registry_of(in);
    auto const erased = Credentials(in.files).erase(registry);
    if (!erased)
        return in.failed(erased.error());
    if (*erased)
        in.out("Removing login credentials for " + server_address(registry) + "\n");
    else
        in.out("Not logged in to " + server_address(registry) + "\n");
    return 0;
}

Result<std::string> search_text(Invocation const& in)
{
    http::Query parameters { { "term", in.words().front() } };
    if (in.arguments.has("limit"))
        parameters.emplace_back("limit", std::to_string(in.arguments.number("limit", 25)));
    if (in.arguments.has("filter"))
        parameters.emplace_back("filters", TRY(filters_json(in.arguments.list("filter"))));
    std::vector<json> rows;
    for (auto const& each : TRY(in.get("/images/search" + query(parameters)))) {
        auto const description = each.value("description", "");
        rows.push_back({ { "Name", each.value("name", "") },
            { "Description", in.arguments.is_set("no-trunc") ? description : shorten(description, 45) },
            { "StarCount", std::to_string(each.value("star_count", 0)) },
            { "IsOfficial", each.value("is_official", false) ? "[OK]" : "" } });
    }
    return formatted(in, rows,
        { { "NAME", "Name" }, { "DESCRIPTION", "Description" }, { "STARS", "StarCount" },
            { "OFFICIAL", "IsOfficial" } });
}

int search(Invocation const& in)
{
    auto const text = search_text(in);
    if (!text)
        return in.failed(text.error());
    in.out(*text);
    return 0;
}

}

std::vector<Command> registry_commands()
{
    return {
        { "push", "[OPTIONS] NAME[:TAG]", "Upload an image to a registry",
            { { "all-tags", 'a', FlagKind::Switch, "Push all tags of an image to the repository" },
                { "quiet", 'q', FlagKind::Switch, "Suppress verbose output" } },
            1, 1, push },
        { "login", "[OPTIONS] [SERVER]", "Authenticate to a registry",
            { { "username", 'u', FlagKind::Text, "Username" },
                { "password", 'p', FlagKind::Text, "Password or Personal Access Token (PAT)" },
                { "password-stdin", 0, FlagKind::Switch, "Take the Password from stdin" } },
            0, 1, login },
        { "logout", "[SERVER]", "Log out from a registry", {}, 0, 1, logout },
        { "search", "[OPTIONS] TERM", "Search Docker Hub for images",
            { { "filter", 'f', FlagKind::List, "Filter output based on conditions provided" },
                { "format", 0, FlagKind::Text, "Pretty-print search using a Go template" },
                { "limit", 0, FlagKind::Number, "Max number of search results" },
                { "no-trunc", 0, FlagKind::Switch, "Don't truncate output" } },
            1, 1, search },
    };
}

}
