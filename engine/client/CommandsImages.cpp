// pull, images, rmi, tag, history.

#include "engine/client/Format.h"
#include "engine/client/Pull.h"
#include "engine/client/Rows.h"
#include "sim/oci/Reference.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

int pull(Invocation const& in)
{
    auto const name = full_name(in.words().front());
    if (!name)
        return in.failed(name.error());
    bool const quiet = in.arguments.is_set("quiet");
    bool const all = in.arguments.is_set("all-tags");
    if (all && !name->tag_was_implied)
        return in.failed(Error(ErrorKind::InvalidInput, "tag can't be used with --all-tags/-a"));
    if (name->tag_was_implied && !quiet && !all)
        in.out("Using default tag: " + name->tag + "\n");
    auto const done = pull_image(in, in.words().front(), quiet ? Progress::Quiet : Progress::ToStdout);
    if (!done)
        return in.failed(done.error());
    in.out((all ? name->repository : name->canonical) + "\n");
    return 0;
}

std::string age(Invocation const& in, json const& object)
{
    auto const created = object.value("Created", std::int64_t { 0 });
    // An image without a date says so by zero or less.
    return created <= 0 ? "N/A" : rough_duration(in.scheduler.now() - Timestamp { created * 1'000'000'000 }) + " ago";
}

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

namespace {

// "sha256:…" under which a registry keeps the image in that repository; locally built ones have none.
std::string digest_of(json const& image, std::string const& repository)
{
    for (std::string const name : image.value("RepoDigests", json::array())) {
        if (auto const at = name.find('@'); name.substr(0, at) == repository)
            return name.substr(at + 1);
    }
    return "<none>";
}

}

json image_row(Invocation const& in, json const& image, std::string const& name)
{
    auto const colon = name.rfind(':');
    auto const repository = name.substr(0, colon);
    std::string const id = image.value("Id", "");
    auto const size = docker_size(image.value("Size", 0.0));
    auto const shared = image.value("SharedSize", -1.0);
    auto const unique = image.value("Size", 0.0) - shared;
    auto const containers = image.value("Containers", std::int64_t { -1 });
    return { { "ID", in.arguments.is_set("no-trunc") ? id : short_id(id) }, { "Repository", repository },
        { "Tag", name.substr(colon + 1) }, { "Digest", digest_of(image, repository) },
        { "CreatedSince", age(in, image) },
        { "CreatedAt", date_text({ image.value("Created", std::int64_t { 0 }) * nanoseconds_per_second }) },
        { "Size", size }, { "SharedSize", shared < 0 ? "N/A" : docker_size(shared) },
        { "UniqueSize", shared < 0 ? "N/A" : docker_size(unique) }, { "VirtualSize", size },
        { "Containers", containers < 0 ? "N/A" : std::to_string(containers) } };
}

namespace {

Result<std::string> images_text(Invocation const& in)
{
    http::Query parameters;
    auto filters = in.arguments.list("filter");
    if (!in.words().empty())
        filters.push_back("reference=" + in.words().front());
    if (!filters.empty())
        parameters.emplace_back("filters", TRY(filters_json(filters)));
    if (in.arguments.is_set("all"))
        parameters.emplace_back("all", "1");
    auto const list = TRY(in.get("/images/json" + query(parameters)));
    std::vector<json> rows;
    std::string ids;
    for (auto const& image : list) {
        for (auto const& name : names_of(image)) {
            rows.push_back(image_row(in, image, name));
            ids += rows.back().value("ID", "") + "\n";
        }
    }
    if (in.arguments.is_set("quiet") && !in.arguments.has("format"))
        return ids;
    std::vector<std::pair<std::string, std::string>> columns { { "REPOSITORY", "Repository" }, { "TAG", "Tag" },
        { "IMAGE ID", "ID" }, { "CREATED", "CreatedSince" }, { "SIZE", "Size" } };
    if (in.arguments.is_set("digests"))
        columns.insert(columns.begin() + 2, { "DIGEST", "Digest" });
    return formatted(in, rows, columns);
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
    http::Query asked;
    if (in.arguments.is_set("force"))
        asked.emplace_back("force", "1");
    if (in.arguments.is_set("no-prune"))
        asked.emplace_back("noprune", "1");
    auto const parameters = query(asked);
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

// The text of a step on one line, as docker cleans it.
std::string created_by(json const& step, bool whole)
{
    auto text = step.value("CreatedBy", "");
    std::replace(text.begin(), text.end(), '\t', ' ');
    return whole ? text : shorten(text, 45);
}

json history_row(Invocation const& in, json const& step)
{
    bool const whole = in.arguments.is_set("no-trunc");
    bool const human = !in.arguments.has("human") || in.arguments.is_set("human");
    std::string const id = step.value("Id", "");
    auto const date = rfc3339({ step.value("Created", std::int64_t { 0 }) * nanoseconds_per_second });
    return { { "ID", whole || id == "<missing>" ? id : short_id(id) }, { "CreatedSince", human ? age(in, step) : date },
        { "CreatedAt", date }, { "CreatedBy", created_by(step, whole) },
        { "Size",
            human ? docker_size(step.value("Size", 0.0)) : std::to_string(step.value("Size", std::int64_t { 0 })) },
        { "Comment", step.value("Comment", "") } };
}

Result<std::string> history_text(Invocation const& in)
{
    std::vector<json> rows;
    std::string ids;
    for (auto const& step : TRY(in.get(image_path(in.words().front(), "/history")))) {
        rows.push_back(history_row(in, step));
        ids += rows.back().value("ID", "") + "\n";
    }
    if (in.arguments.is_set("quiet") && !in.arguments.has("format"))
        return ids;
    bool const human = !in.arguments.has("human") || in.arguments.is_set("human");
    return formatted(in, rows,
        { { "IMAGE", "ID" }, { human ? "CREATED" : "CREATED AT", "CreatedSince" }, { "CREATED BY", "CreatedBy" },
            { "SIZE", "Size" }, { "COMMENT", "Comment" } });
}

int history(Invocation const& in)
{
    auto const text = history_text(in);
    if (!text)
        return in.failed(text.error());
    in.out(*text);
    return 0;
}

}

std::vector<Command> image_commands()
{
    Flag const quiet_ids { "quiet", 'q', FlagKind::Switch, "Only show image IDs" };
    Flag const format { "format", 0, FlagKind::Text,
        "\"table\", \"json\", a template such as '{{.ID}}', or a table made by one: 'table {{.ID}}\\t{{.Size}}'" };
    Flag const no_trunc { "no-trunc", 0, FlagKind::Switch, "Don't truncate output" };
    return {
        { "pull", "[OPTIONS] NAME[:TAG|@DIGEST]", "Download an image from a registry",
            { { "all-tags", 'a', FlagKind::Switch, "Download all tagged images in the repository" },
                { "platform", 0, FlagKind::Text, "Set platform if server is multi-platform capable" },
                { "quiet", 'q', FlagKind::Switch, "Suppress verbose output" } },
            1, 1, pull },
        { "images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images",
            { { "all", 'a', FlagKind::Switch, "Show all images (default hides intermediate images)" },
                { "digests", 0, FlagKind::Switch, "Show digests" },
                { "filter", 'f', FlagKind::List, "Filter output based on conditions provided" }, format, no_trunc,
                quiet_ids },
            0, 1, images },
        { "rmi", "[OPTIONS] IMAGE [IMAGE...]", "Remove one or more images",
            { { "force", 'f', FlagKind::Switch, "Force removal of the image" },
                { "no-prune", 0, FlagKind::Switch, "Do not delete untagged parents" } },
            1, any_number, rmi },
        { "tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", {},
            2, 2, tag },
        { "history", "[OPTIONS] IMAGE", "Show the history of an image",
            { format,
                { "human", 'H', FlagKind::Switch, "Print sizes and dates in human readable format (default true)" },
                no_trunc, quiet_ids },
            1, 1, history },
    };
}

}
