// pull, images, rmi, tag, history.

#include "engine/client/Format.h"
#include "engine/client/Pull.h"
#include "sim/oci/Reference.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

int pull(Invocation const& in)
{
    auto const name = full_name(in.words().front());
    if (!name)
        return in.failed(name.error());
    bool const quiet = in.arguments.is_set("quiet");
    if (name->tag_was_implied && !quiet)
        in.out("Using default tag: " + name->tag + "\n");
    auto const done = pull_image(in, in.words().front(), quiet ? Progress::Quiet : Progress::ToStdout);
    if (!done)
        return in.failed(done.error());
    in.out(name->canonical + "\n");
    return 0;
}

std::string age(Invocation const& in, json const& object)
{
    auto const created = object.value("Created", std::int64_t { 0 });
    // An image without a date says so by zero or less.
    return created <= 0 ? "N/A" : rough_duration(in.scheduler.now() - Timestamp { created * 1'000'000'000 }) + " ago";
}

std::vector<std::string> names_of(json const& image)
{
    auto tags = image.value("RepoTags", std::vector<std::string> {});
    if (!tags.empty())
        return tags;
    for (std::string const name : image.value("RepoDigests", json::array())) // pulled by digest
        tags.push_back(name.substr(0, name.find('@')) + ":<none>");
    return tags.empty() ? std::vector<std::string> { "<none>:<none>" } : tags;
}

// "sha256:…" under which a registry keeps the image in that repository; locally built ones have none.
std::string digest_of(json const& image, std::string const& repository)
{
    for (std::string const name : image.value("RepoDigests", json::array())) {
        if (auto const at = name.find('@'); name.substr(0, at) == repository)
            return name.substr(at + 1);
    }
    return "<none>";
}

Result<std::string> images_text(Invocation const& in)
{
    http::Query parameters;
    if (!in.words().empty())
        parameters.emplace_back("filters", json { { "reference", { { in.words().front(), true } } } }.dump());
    if (in.arguments.is_set("all"))
        parameters.emplace_back("all", "1");
    auto const list = TRY(in.get("/images/json" + query(parameters)));
    bool const whole = in.arguments.is_set("no-trunc"), digests = in.arguments.is_set("digests");
    Table table(digests ? std::vector<std::string> { "REPOSITORY", "TAG", "DIGEST", "IMAGE ID", "CREATED", "SIZE" }
                        : std::vector<std::string> { "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE" });
    std::string ids;
    for (auto const& image : list) {
        std::string const full = image.value("Id", "");
        std::string const id = whole ? full : short_id(full);
        ids += id + "\n";
        for (auto const& name : names_of(image)) {
            auto const colon = name.rfind(':');
            std::vector<std::string> row { name.substr(0, colon), name.substr(colon + 1) };
            if (digests)
                row.push_back(digest_of(image, row.front()));
            row.insert(row.end(), { id, age(in, image), docker_size(image.value("Size", 0.0)) });
            table.add(std::move(row));
        }
    }
    return in.arguments.is_set("quiet") ? ids : table.to_text();
}

int images(Invocation const& in)
{
    auto const text = images_text(in);
    if (!text)
        return in.failed(text.error());
    in.out(*text);
    return 0;
}

int rmi(Invocation const& in)
{
    std::string const parameters = in.arguments.is_set("force") ? "?force=1" : "";
    int status = 0;
    for (auto const& name : in.words()) {
        auto const answer = in.api.call("DELETE", image_path(name, parameters));
        if (!answer) {
            status = in.failed(answer.error());
            continue;
        }
        for (auto const& line : json::parse(*answer, nullptr, false)) {
            for (auto const& [what, which] : line.items())
                in.out(what + ": " + which.get<std::string>() + "\n");
        }
    }
    return status;
}

Result<void> tag_image(Invocation const& in)
{
    auto const target = TRY(full_name(in.words()[1]));
    TRY(in.api.call(
        "POST", image_path(in.words()[0], "/tag" + query({ { "repo", target.repository }, { "tag", target.tag } }))));
    return {};
}

int tag(Invocation const& in)
{
    auto const done = tag_image(in);
    return done ? 0 : in.failed(done.error());
}

int history(Invocation const& in)
{
    auto const list = in.get(image_path(in.words().front(), "/history"));
    if (!list)
        return in.failed(list.error());
    bool const whole = in.arguments.is_set("no-trunc");
    Table table({ "IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT" });
    std::string ids;
    for (auto const& step : *list) {
        std::string const full = step.value("Id", "");
        std::string const id = whole ? full : full == "<missing>" ? full : short_id(full);
        std::string const by = step.value("CreatedBy", "");
        ids += id + "\n";
        table.add({ id, age(in, step), whole ? by : shorten(by, 45), docker_size(step.value("Size", 0.0)),
            step.value("Comment", "") });
    }
    in.out(in.arguments.is_set("quiet") ? ids : table.to_text());
    return 0;
}

}

std::vector<Command> image_commands()
{
    Flag const quiet_ids { "quiet", 'q', FlagKind::Switch, "Only show image IDs" };
    Flag const no_trunc { "no-trunc", 0, FlagKind::Switch, "Don't truncate output" };
    return {
        { "pull", "[OPTIONS] NAME[:TAG|@DIGEST]", "Download an image from a registry",
            { { "quiet", 'q', FlagKind::Switch, "Suppress verbose output" } }, 1, 1, pull },
        { "images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images",
            { { "all", 'a', FlagKind::Switch, "Show all images (default hides intermediate images)" },
                { "digests", 0, FlagKind::Switch, "Show digests" }, no_trunc, quiet_ids },
            0, 1, images },
        { "rmi", "[OPTIONS] IMAGE [IMAGE...]", "Remove one or more images",
            { { "force", 'f', FlagKind::Switch, "Force removal of the image" } }, 1, any_number, rmi },
        { "tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", {},
            2, 2, tag },
        { "history", "[OPTIONS] IMAGE", "Show the history of an image", { no_trunc, quiet_ids }, 1, 1, history },
    };
}

}
