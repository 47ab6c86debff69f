#include "engine/bundle/Process.h"

#include "engine/bundle/Fields.h"
#include "engine/init/Capabilities.h"

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <array>

namespace drydock::bundle {

namespace {

constexpr std::size_t process_limit = 4 << 20; // bytes; docker's are some 20 KB

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 16> resource_names { {
    { "RLIMIT_AS", RLIMIT_AS },
    { "RLIMIT_CORE", RLIMIT_CORE },
    { "RLIMIT_CPU", RLIMIT_CPU },
    { "RLIMIT_DATA", RLIMIT_DATA },
    { "RLIMIT_FSIZE", RLIMIT_FSIZE },
    { "RLIMIT_LOCKS", 10 }, // gone since Linux 2.4.25, still a number
    { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
    { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
    { "RLIMIT_NICE", RLIMIT_NICE },
    { "RLIMIT_NOFILE", RLIMIT_NOFILE },
    { "RLIMIT_NPROC", RLIMIT_NPROC },
    { "RLIMIT_RSS", RLIMIT_RSS },
    { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
    { "RLIMIT_RTTIME", RLIMIT_RTTIME },
    { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
    { "RLIMIT_STACK", RLIMIT_STACK },
} };

Result<init::ResourceLimit> read_limit(oci::JsonObject const& limit)
{
    auto const type = TRY(limit.string("type"));
    auto const* const found = std::find_if(
        resource_names.begin(), resource_names.end(), [&](auto const& entry) { return entry.first == type; });
    if (found == resource_names.end())
        return limit.invalid("type", "is no resource: \"" + type + "\"");
    init::ResourceLimit result;
    result.resource = found->second;
    result.soft = TRY(limit.unsigned_integer("soft"));
    result.hard = TRY(limit.unsigned_integer("hard"));
    if (result.soft > result.hard)
        return limit.invalid("soft", "is larger than the hard limit");
    return result;
}

Result<std::uint64_t> read_set(oci::JsonObject const& capabilities, char const* name)
{
    std::uint64_t set = 0;
    for (auto const& text : TRY(capabilities.strings(name))) {
        auto const one = init::parse_capability(text);
        if (!one || text == "ALL")
            return capabilities.invalid(name, "holds what is no capability: \"" + text + "\"");
        set |= *one;
    }
    return set;
}

Result<void> read_capabilities(oci::JsonObject const& process, init::CapabilitySets& sets)
{
    sets = {};
    if (!process.has("capabilities"))
        return {};
    auto const capabilities = TRY(process.object("capabilities"));
    sets.bounding = TRY(read_set(capabilities, "bounding"));
    sets.effective = TRY(read_set(capabilities, "effective"));
    sets.permitted = TRY(read_set(capabilities, "permitted"));
    sets.inheritable = TRY(read_set(capabilities, "inheritable"));
    sets.ambient = TRY(read_set(capabilities, "ambient"));
    return {};
}

Result<void> read_user(oci::JsonObject const& process, init::BundleSpec& bundle)
{
    if (!process.has("user"))
        return {};
    auto const user = TRY(process.object("user"));
    bundle.uid = TRY(number32(user, "uid"));
    bundle.gid = TRY(number32(user, "gid"));
    bundle.umask = TRY(number32(user, "umask", 022)) & 0777;
    bundle.groups = TRY(user.numbers("additionalGids"));
    return {};
}

Result<void> read_terminal(oci::JsonObject const& process, init::Spec& order)
{
    order.tty = TRY(process.boolean("terminal"));
    order.open_stdin = !order.tty;
    if (!process.has("consoleSize"))
        return {};
    auto const size = TRY(process.object("consoleSize"));
    order.rows = static_cast<std::uint16_t>(TRY(number32(size, "height")));
    order.columns = static_cast<std::uint16_t>(TRY(number32(size, "width")));
    return {};
}

}

Result<void> read_process_object(oci::JsonObject const& process, Config& config)
{
    auto& order = config.order;
    config.has_process = true;
    order.args = TRY(process.strings("args"));
    if (order.args.empty())
        return process.invalid("args", "is empty");
    order.env = TRY(process.strings("env"));
    order.working_dir = TRY(process.string("cwd"));
    if (!order.working_dir.starts_with('/'))
        return process.invalid("cwd", "is not an absolute path");
    TRY(read_terminal(process, order));
    TRY(read_user(process, order.bundle));
    TRY(read_capabilities(process, order.bundle.capabilities));
    order.bundle.no_new_privileges = TRY(process.boolean("noNewPrivileges"));
    order.limits.clear();
    for (auto const& limit : TRY(list_of(process, "rlimits"))) {
        auto const read = TRY(read_limit(limit));
        for (auto const& earlier : order.limits) {
            if (earlier.resource == read.resource)
                return limit.invalid("type", "is there twice");
        }
        order.limits.push_back(read);
    }
    if (process.has("oomScoreAdj"))
        config.oom_score_adjustment = TRY(process.integer("oomScoreAdj"));
    TRY(refuse_text(process, { "apparmorProfile", "selinuxLabel" }));
    return refuse_if_present(process, { "scheduler", "ioPriority", "execCPUAffinity" });
}

Result<void> read_process(std::string_view text, Config& config)
{
    auto const document = TRY(oci::parse_json(text, "process", process_limit));
    auto const process = TRY(oci::JsonObject::root(document, "process"));
    return read_process_object(process, config);
}

}
