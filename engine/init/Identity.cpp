#include "engine/init/Identity.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace drydock::init {

namespace {

using Line = std::vector<std::string_view>;

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (true) {
        auto const end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == text.npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

// Decimal and below 2^32-1, which chown(2) and setresuid(2) keep for "leave it".
std::optional<std::uint32_t> parse_id(std::string_view text)
{
    std::uint32_t id = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc {} || end != text.data() + text.size() || id == UINT32_MAX)
        return {};
    return id;
}

// "99999999999" and "-1" are numbers, and no ids.
Result<void> check_range(std::string_view text)
{
    auto const digits = text.substr(text.starts_with('-') ? 1 : 0);
    bool const is_number = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
    auto const id = parse_id(text);
    if (is_number && (!id || *id > INT32_MAX))
        return fail(ErrorKind::InvalidInput, "uids and gids must be in range 0-2147483647");
    return {};
}

// The first line of a passwd(5) or group(5) file whose name is `key`, else the first whose id is.
std::optional<Line> find_line(std::string_view file, std::string_view key)
{
    std::optional<Line> by_id;
    for (auto const text : split(file, '\n')) {
        auto line = split(text, ':');
        if (line.size() < 4)
            continue;
        if (line[0] == key)
            return line;
        if (!by_id && line[2] == key)
            by_id = std::move(line);
    }
    return by_id;
}

Result<std::uint32_t> resolve_group(std::string_view text, std::string_view group_file)
{
    if (auto const line = find_line(group_file, text)) {
        if (auto const gid = parse_id((*line)[2]))
            return *gid;
    }
    TRY(check_range(text));
    if (auto const gid = parse_id(text))
        return *gid;
    return fail(
        ErrorKind::InvalidInput, "unable to find group " + std::string(text) + ": no matching entries in group file");
}

std::vector<std::uint32_t> supplementary_groups(std::string_view name, std::string_view group_file)
{
    std::vector<std::uint32_t> groups;
    for (auto const text : split(group_file, '\n')) {
        auto const line = split(text, ':');
        if (line.size() < 4)
            continue;
        auto const gid = parse_id(line[2]);
        for (auto const member : split(line[3], ',')) {
            if (member == name && gid)
                groups.push_back(*gid);
        }
    }
    return groups;
}

}

Result<Identity> resolve_identity(
    std::string_view user, std::string_view passwd, std::string_view group, std::vector<std::string> const& more_groups)
{
    auto const colon = user.find(':');
    auto const name = user.empty() || colon == 0 ? std::string_view("0") : user.substr(0, colon);
    Identity identity;
    if (auto const line = find_line(passwd, name)) {
        auto const uid = parse_id((*line)[2]);
        auto const gid = parse_id((*line)[3]);
        if (!uid || !gid)
            return fail(
                ErrorKind::InvalidInput, "the container's /etc/passwd has no proper ids for " + std::string(name));
        identity = { *uid, *gid, supplementary_groups((*line)[0], group), "/" };
        if (line->size() > 5 && !(*line)[5].empty())
            identity.home = (*line)[5];
    } else if (auto const uid = parse_id(name); uid && *uid <= INT32_MAX) {
        identity.uid = *uid;
    } else {
        TRY(check_range(name));
        return fail(ErrorKind::InvalidInput,
            "unable to find user " + std::string(name) + ": no matching entries in passwd file");
    }
    if (colon != user.npos && colon + 1 < user.size()) {
        identity.gid = TRY(resolve_group(user.substr(colon + 1), group));
        // Who names a group gets that one alone, as with docker.
        identity.groups.clear();
    }
    for (auto const& name_or_number : more_groups)
        identity.groups.push_back(TRY(resolve_group(name_or_number, group)));
    // CVE-2022-36109: what is closed to a group would be open to its member who has it as the first group alone.
    if (std::find(identity.groups.begin(), identity.groups.end(), identity.gid) == identity.groups.end())
        identity.groups.insert(identity.groups.begin(), identity.gid);
    return identity;
}

}
