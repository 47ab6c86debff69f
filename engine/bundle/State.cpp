#include "engine/bundle/State.h"

#include "engine/os/ReadText.h"
#include "engine/runtime/Hierarchies.h"
#include "sim/oci/Digest.h"
#include "sim/oci/Json.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace drydock::bundle {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr std::size_t state_limit = 16 << 20; // bytes, of config.json as well

Result<void> check_id(std::string const& id)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-";
    if (id.empty() || id.size() > 255 || id == "." || id == ".." || id.find_first_not_of(allowed) != id.npos)
        return fail(ErrorKind::InvalidInput, "invalid container id: \"" + id + "\"");
    return {};
}

Result<Group> read_group(oci::JsonObject const& from)
{
    Group group;
    group.version = TRY(from.integer("version")) == 1 ? 1 : 2;
    group.name = TRY(from.string("name"));
    group.path = TRY(from.string("path"));
    return group;
}

}

std::string_view to_string(Status status)
{
    switch (status) {
    case Status::Creating: return "creating";
    case Status::Created: return "created";
    case Status::Running: return "running";
    case Status::Paused: return "paused";
    case Status::Stopped: break;
    }
    return "stopped";
}

std::string state_json(State const& state, Status status)
{
    ordered_json json { { "ociVersion", "1.0.2" }, { "id", state.id }, { "status", to_string(status) } };
    json["pid"] = status == Status::Stopped ? 0 : state.pid;
    json["bundle"] = state.bundle;
    json["rootfs"] = state.root;
    json["created"] = state.created;
    if (!state.annotations.empty())
        json["annotations"] = state.annotations;
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

// proc_pid_stat(5): PID (NAME) STATE …; the name may hold anything, and the 22nd field is the start.
std::uint64_t start_time_of(int pid)
{
    auto const text = os::read_text("/proc/" + std::to_string(pid) + "/stat");
    auto const end = text.rfind(") ");
    if (pid <= 0 || end == text.npos)
        return 0;
    auto const fields = runtime::split(text.substr(end + 2), ' ');
    if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X")
        return 0;
    std::uint64_t time = 0;
    std::from_chars(fields[19].data(), fields[19].data() + fields[19].size(), time);
    return time;
}

bool is_alive(State const& state)
{
    return state.start_time != 0 && start_time_of(state.pid) == state.start_time;
}

Result<std::string> read_file(fs::path const& path, std::size_t limit)
{
    os::Fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status { };
    if (!file || ::fstat(file.get(), &status) != 0)
        return fail(Error::from_errno("open(2)", errno).with_context("reading " + path.string()));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorKind::InvalidInput, path.string() + " is not a plain file");
    if (static_cast<std::size_t>(status.st_size) > limit)
        return fail(ErrorKind::LimitExceeded, path.string() + " is larger than " + std::to_string(limit) + " bytes");
    return os::read_text("/proc/self/fd/" + std::to_string(file.get()));
}

Result<void> replace_file(fs::path const& path, std::string const& text)
{
    auto const aside = path.string() + ".new";
    os::Fd const file(::open(aside.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())
        || ::rename(aside.c_str(), path.c_str()) != 0)
        return fail(Error::from_errno("write(2)", errno).with_context("writing " + path.string()));
    return {};
}

Result<os::Fd> StateDirectory::lock(fs::path const& path)
{
    os::Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!directory && errno == ENOENT)
        return fail(ErrorKind::NotFound, "container \"" + path.filename().string() + "\" does not exist");
    while (directory && ::flock(directory.get(), LOCK_EX) != 0) {
        if (errno != EINTR)
            directory.reset();
    }
    if (!directory)
        return fail(Error::from_errno("flock(2)", errno).with_context("locking " + path.string()));
    return directory;
}

Result<StateDirectory> StateDirectory::make(fs::path const& root, std::string const& id)
{
    TRY(check_id(id));
    std::error_code error;
    fs::create_directories(root.parent_path(), error);
    if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(Error::from_errno("mkdir(2)", errno).with_context("making " + root.string()));
    auto const path = root / id;
    if (::mkdir(path.c_str(), 0700) != 0) {
        if (errno == EEXIST)
            return fail(ErrorKind::Conflict, "container with id exists already: \"" + id + "\"");
        return fail(Error::from_errno("mkdir(2)", errno).with_context("making " + path.string()));
    }
    auto locked = TRY(lock(path));
    return StateDirectory(path, std::move(locked));
}

Result<StateDirectory> StateDirectory::open(fs::path const& root, std::string const& id)
{
    TRY(check_id(id));
    auto locked = TRY(lock(root / id));
    std::error_code error;
    if (!fs::exists(root / id, error)) // while we waited it was deleted
        return fail(ErrorKind::NotFound, "container \"" + id + "\" does not exist");
    return StateDirectory(root / id, std::move(locked));
}

Result<StateDirectory> StateDirectory::look(fs::path const& root, std::string const& id)
{
    TRY(check_id(id));
    std::error_code error;
    if (!fs::exists(root / id, error))
        return fail(ErrorKind::NotFound, "container \"" + id + "\" does not exist");
    return StateDirectory(root / id, os::Fd());
}

std::vector<std::string> StateDirectory::ids(fs::path const& root)
{
    std::vector<std::string> found;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(root, error)) {
        if (fs::exists(entry.path() / "state.json", error))
            found.push_back(entry.path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

Result<void> StateDirectory::write(State const& state) const
{
    ordered_json json { { "id", state.id }, { "bundle", state.bundle }, { "root", state.root }, { "pid", state.pid } };
    json["startTime"] = state.start_time;
    json["created"] = state.created;
    json["annotations"] = state.annotations;
    json["groups"] = ordered_json::array();
    for (auto const& group : state.groups)
        json["groups"].push_back(
            { { "version", group.version }, { "name", group.name }, { "path", group.path.string() } });
    return replace_file(m_path / "state.json", json.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

Result<State> StateDirectory::read() const
{
    auto const text = TRY(read_file(m_path / "state.json", state_limit));
    auto const document = TRY(oci::parse_json(text, "state.json", state_limit));
    auto const json = TRY(oci::JsonObject::root(document, "state.json"));
    State state;
    state.id = TRY(json.string("id"));
    state.bundle = TRY(json.string("bundle"));
    state.root = TRY(json.string("root"));
    state.pid = static_cast<int>(TRY(json.integer("pid")));
    state.start_time = TRY(json.unsigned_integer("startTime"));
    state.created = TRY(json.string("created"));
    state.annotations = TRY(json.string_map("annotations"));
    for (auto const& group : TRY(json.objects("groups")))
        state.groups.push_back(TRY(read_group(group)));
    return state;
}

Status StateDirectory::status(State const& state) const
{
    if (!is_alive(state))
        return state.pid == 0 ? Status::Creating : Status::Stopped;
    std::error_code error;
    if (fs::exists(fifo(), error))
        return Status::Created;
    return Groups(state.groups).frozen() ? Status::Paused : Status::Running;
}

Result<void> StateDirectory::keep_config(std::string const& text) const
{
    return replace_file(m_path / "config.json", text);
}

Result<std::string> StateDirectory::config() const
{
    return read_file(m_path / "config.json", state_limit);
}

std::string StateDirectory::name_for_cgroup() const
{
    constexpr std::size_t room_for_id = 200; // of NAME_MAX
    std::error_code error;
    auto const where = fs::canonical(m_path, error);
    return m_path.filename().string().substr(0, room_for_id) + "-" + oci::Digest::of(where.string()).short_form();
}

void StateDirectory::remove() const
{
    std::error_code error;
    fs::remove_all(m_path, error);
}

}
