#include "engine/client/Pull.h"

#include "engine/client/Credentials.h"
#include "sim/oci/Reference.h"

#include <nlohmann/json.hpp>

#include <array>

namespace drydock::client {

using json = nlohmann::ordered_json;

Result<void> print_progress(Invocation const& in, json const& message, Progress progress)
{
    if (message.contains("error"))
        return fail(ErrorKind::Internal, message.value("error", ""));
    // Moving bars make sense on a terminal that can redraw; the steps say enough.
    if (progress == Progress::Quiet || !message.value("progressDetail", json::object()).empty())
        return {};
    std::string const id = message.value("id", "");
    in.terminal.write(
        progress == Progress::ToStderr, (id.empty() ? "" : id + ": ") + message.value("status", "") + "\n");
    return {};
}

Result<FullName> full_name(std::string const& reference)
{
    auto const parsed = TRY(oci::Reference::parse(reference));
    std::string const repository = parsed.registry + "/" + parsed.repository;
    bool const implied = reference.find('@') == std::string::npos && !reference.ends_with(":" + parsed.tag);
    return FullName { .repository = repository,
        .tag = parsed.tag_or_digest(),
        .canonical = parsed.canonical(),
        .tag_was_implied = implied };
}

Result<void> for_each_message(http::Response& response, std::function<Result<void>(json const&)> const& take)
{
    std::array<char, 16384> buffer;
    std::string pending;
    while (true) {
        auto const size = TRY(response.body->read_some(buffer));
        pending.append(buffer.data(), size);
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
            auto const message = json::parse(pending.substr(0, end), nullptr, false);
            pending.erase(0, end + 1);
            if (message.is_object())
                TRY(take(message));
        }
        if (size == 0)
            return {};
    }
}

Result<void> pull_image(Invocation const& in, std::string const& reference, Progress progress)
{
    auto const name = TRY(full_name(reference));
    auto const credentials = TRY(Credentials(in.files).header(name.repository.substr(0, name.repository.find('/'))));
    http::Query parameters { { "fromImage", name.repository } };
    if (!in.arguments.is_set("all-tags"))
        parameters.emplace_back("tag", name.tag);
    if (in.arguments.has("platform"))
        parameters.emplace_back("platform", in.arguments.text("platform"));
    auto response
        = TRY(in.api.open("POST", "/images/create" + query(parameters), {}, { { "X-Registry-Auth", credentials } }));
    return for_each_message(response, [&](json const& message) { return print_progress(in, message, progress); });
}

}
