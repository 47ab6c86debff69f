// build, commit.

#include "engine/client/BuildContext.h"
#include "engine/client/CreateBody.h"
#include "engine/client/Credentials.h"
#include "engine/client/Pull.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// `--build-arg A=1`; a name alone, which the environment does not know either, takes nothing.
json build_arguments(std::vector<std::string> const& list)
{
    auto object = assignments(list);
    for (auto const& each : list) {
        if (each.find('=') == std::string::npos)
            object[each] = nullptr;
    }
    return object;
}

// NAME alone takes its value from the environment of whoever types; one that is not there says nothing.
std::vector<std::string> with_environment(Invocation const& in, std::vector<std::string> given)
{
    for (auto& each : given) {
        if (auto const value = each.find('=') == std::string::npos ? in.files.variable(each) : std::nullopt)
            each += "=" + *value;
    }
    return given;
}

// What lets the daemon in at registries that FROM names: every login that there is.
http::Headers registry_headers(Invocation const& in)
{
    auto const header = Credentials(in.files).all_header();
    return { { "X-Registry-Config", header ? *header : std::string("e30=") } };
}

http::Query build_query(Invocation const& in, std::string const& dockerfile)
{
    auto const& arguments = in.arguments;
    http::Query parameters { { "dockerfile", dockerfile }, { "version", "1" } };
    for (auto const& tag : arguments.list("tag"))
        parameters.emplace_back("t", tag);
    if (arguments.has("build-arg"))
        parameters.emplace_back("buildargs", build_arguments(with_environment(in, arguments.list("build-arg"))).dump());
    if (arguments.has("label"))
        parameters.emplace_back("labels", assignments(arguments.list("label")).dump());
    for (auto const& [flag, parameter] :
        { std::pair("target", "target"), std::pair("network", "networkmode"), std::pair("platform", "platform") }) {
        if (arguments.has(flag))
            parameters.emplace_back(parameter, arguments.text(flag));
    }
    if (arguments.has("ulimit"))
        parameters.emplace_back("ulimits", ulimits(arguments.list("ulimit")).dump());
    for (auto const& [flag, parameter] : { std::pair("no-cache", "nocache"), std::pair("quiet", "q"),
             std::pair("pull", "pull"), std::pair("force-rm", "forcerm") }) {
        if (arguments.is_set(flag))
            parameters.emplace_back(parameter, "1");
    }
    for (auto const& host : arguments.list("add-host"))
        parameters.emplace_back("extrahosts", host);
    for (auto const& [flag, parameter] : { std::pair("memory", "memory"), std::pair("shm-size", "shmsize") }) {
        if (arguments.has(flag))
            parameters.emplace_back(parameter, std::to_string(parse_size(arguments.text(flag)).value_or(0)));
    }
    if (arguments.has("rm"))
        parameters.emplace_back("rm", arguments.is_set("rm") ? "1" : "0");
    return parameters;
}

// Prints the answer as docker does; yields the exit status.
Result<int> print_build(Invocation const& in, http::Response& response)
{
    int status = 0;
    std::string failure;
    std::string image; // its id
    TRY(for_each_message(response, [&](json const& message) -> Result<void> {
        if (message.contains("error")) {
            failure = message.value("error", "");
            auto const detail = message.value("errorDetail", json::object());
            status = std::max(detail.value("code", 0), 1);
        } else if (message.contains("stream")) {
            in.out(message.value("stream", ""));
        } else if (message.contains("aux")) {
            image = message["aux"].value("ID", "");
        } else if (message.contains("status") && message.value("progressDetail", json::object()).empty()) {
            std::string const id = message.value("id", "");
            in.out((id.empty() ? "" : id + ": ") + message.value("status", "") + "\n");
        }
        return {};
    }));
    if (status != 0)
        in.err(failure + "\n");
    if (status == 0 && in.arguments.has("iidfile"))
        TRY(write_file(in.files, in.arguments.text("iidfile"), image));
    return status;
}

Result<int> build_from(Invocation const& in, std::string const& path)
{
    if (path.starts_with("http://") || path.starts_with("https://") || path.starts_with("git@"))
        return fail(ErrorKind::NotSupported,
            "unable to prepare context: building from " + path + " is not supported, as a build reaches no network");
    std::string const file = in.arguments.text("file");
    if (path == "-") {
        bool given = false;
        auto response = TRY(in.api.send_archive(
            "POST", "/build" + query(build_query(in, file.empty() ? "Dockerfile" : file)),
            [&] {
                return Result<std::string>(
                    std::exchange(given, true) ? std::string() : context_of_input(all_input(in.terminal)));
            },
            registry_headers(in)));
        return print_build(in, response);
    }
    auto context = TRY(BuildContext::open(in.files, { path, file }));
    auto response = TRY(in.api.send_archive(
        "POST", "/build" + query(build_query(in, context.dockerfile())), [&] { return context.next(); },
        registry_headers(in)));
    return print_build(in, response);
}

int build(Invocation const& in)
{
    auto const status = build_from(in, in.words().front());
    return status ? *status : in.failed(status.error());
}

Result<std::string> commit_container(Invocation const& in)
{
    auto const& arguments = in.arguments;
    http::Query parameters { { "container", in.words().front() } };
    if (in.words().size() > 1) {
        auto const name = TRY(full_name(in.words()[1]));
        parameters.emplace_back("repo", name.repository);
        parameters.emplace_back("tag", name.tag);
    }
    parameters.emplace_back("comment", arguments.text("message"));
    parameters.emplace_back("author", arguments.text("author"));
    for (auto const& change : arguments.list("change"))
        parameters.emplace_back("changes", change);
    if (arguments.has("pause") && !arguments.is_set("pause"))
        parameters.emplace_back("pause", "0");
    auto const answer = TRY(in.api.call("POST", "/commit" + query(parameters)));
    auto const parsed = json::parse(answer, nullptr, false);
    return parsed.is_object() ? parsed.value("Id", "") : "";
}

int commit(Invocation const& in)
{
    auto const id = commit_container(in);
    if (!id)
        return in.failed(id.error());
    in.out(*id + "\n");
    return 0;
}

}

std::vector<Command> build_commands()
{
    return {
        { "build", "[OPTIONS] PATH | -", "Build an image from a Dockerfile",
            { { "tag", 't', FlagKind::List, "Name and optionally a tag in the \"name:tag\" format" },
                { "file", 'f', FlagKind::Text, "Name of the Dockerfile (Default is \"PATH/Dockerfile\")" },
                { "build-arg", 0, FlagKind::List, "Set build-time variables" },
                { "iidfile", 0, FlagKind::Text, "Write the image ID to the file" },
                { "label", 0, FlagKind::List, "Set metadata for an image" },
                { "platform", 0, FlagKind::Text, "Set platform if server is multi-platform capable" },
                { "ulimit", 0, FlagKind::List, "Ulimit options" },
                { "target", 0, FlagKind::Text, "Set the target build stage to build" },
                { "network", 0, FlagKind::Text, "Set the networking mode for the RUN instructions" },
                { "add-host", 0, FlagKind::List, "Add a custom host-to-IP mapping (\"host:ip\")" },
                { "memory", 'm', FlagKind::Size, "Memory limit" },
                { "shm-size", 0, FlagKind::Size, "Size of \"/dev/shm\"" },
                { "no-cache", 0, FlagKind::Switch, "Do not use cache when building the image" },
                { "pull", 0, FlagKind::Switch, "Always attempt to pull a newer version of the image" },
                { "quiet", 'q', FlagKind::Switch, "Suppress the build output and print image ID on success" },
                { "rm", 0, FlagKind::Switch, "Remove intermediate containers after a successful build" },
                { "force-rm", 0, FlagKind::Switch, "Always remove intermediate containers" } },
            1, 1, build },
        { "commit", "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]", "Create a new image from a container's changes",
            { { "author", 'a', FlagKind::Text, "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")" },
                { "change", 'c', FlagKind::List, "Apply Dockerfile instruction to the created image" },
                { "message", 'm', FlagKind::Text, "Commit message" },
                { "pause", 'p', FlagKind::Switch, "Pause container during commit" } },
            1, 2, commit },
    };
}

}
