#include "tests/engine/runtime/ContainerFixture.h"

#include "engine/unionfs/DirectoryWritableBranch.h"

#include <fstream>

namespace drydock::tests {

namespace fs = std::filesystem;

namespace {

trace::Publisher publisher_for(trace::EventLog& log, Clock const& clock)
{
    return { log, clock, { { "here" }, { "daemon" }, trace::Provenance::Live } };
}

}

Containers::Containers(runtime::LiveOptions options)
{
    make_image();
    options.init_program = DRYDOCK_INIT;
    options.state_directory = m_directory.path() / "state";
    m_runtime = REQUIRE_OK(runtime::LiveRuntime::create(options, scheduler));
}

Containers::~Containers()
{
    m_runtime.reset();
    CHECK(m_leaks.leftovers() == "");
}

void Containers::make_image() const
{
    for (char const* directory : { "bin", "etc", "tmp", "proc", "sys", "dev" })
        fs::create_directories(image() / directory);
    fs::copy_file("/bin/busybox", image() / "bin/busybox");
    for (char const* applet :
        { "sh", "cat", "echo", "sleep", "true", "id", "ls", "mount", "ps", "stty", "tty", "kill", "touch", "rm",
            "hostname", "readlink", "grep", "env", "head", "seq", "ip", "unshare", "wc", "mknod", "yes" })
        fs::create_symlink("busybox", image() / "bin" / applet);
    std::ofstream(image() / "etc/passwd") << "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001::/home/alice:/bin/sh\n";
    std::ofstream(image() / "etc/group") << "root:x:0:\nwheel:x:10:alice\nalice:x:1001:\n";
}

runtime::LaunchSpec Containers::program(std::vector<std::string> args)
{
    auto const own = m_directory.path() / ("container" + std::to_string(++m_count));
    fs::create_directories(own / "upper");
    fs::create_directories(own / "work");
    runtime::LaunchSpec spec;
    spec.container
        = { oci::Digest::of("container " + std::to_string(::getpid()) + " " + std::to_string(m_count)).hex() };
    spec.hostname = "testbox";
    spec.args = std::move(args);
    spec.overlay = runtime::OverlayRoot { { image() }, own / "upper", own / "work" };
    return spec;
}

runtime::LaunchSpec Containers::shell(std::string const& command)
{
    return program({ "sh", "-c", command });
}

runtime::LaunchSpec Containers::on_fuse(runtime::LaunchSpec spec)
{
    auto const overlay = *std::exchange(spec.overlay, std::nullopt);
    unionfs::Stack stack;
    stack.writable = REQUIRE_OK(unionfs::DirectoryWritableBranch::open(overlay.upper, overlay.work));
    for (auto const& lower : overlay.lower) {
        auto layer = REQUIRE_OK(unionfs::DirectoryBranch::open(lower));
        if (!is_root()) // whose files are root's in the container: it has no other user
            layer->keep_owners_in_xattrs();
        stack.layers.push_back(std::move(layer));
    }
    spec.root = std::make_shared<unionfs::UnionMount>(std::move(stack), spec.container, publisher_for(log, scheduler));
    return spec;
}

runtime::OutputSink Containers::sink()
{
    return { [this](bool to_stderr, std::string_view bytes) {
        std::lock_guard const lock(m_mutex);
        (to_stderr ? m_err : m_out) += bytes;
        m_more.notify_all();
    } };
}

Result<std::unique_ptr<runtime::ContainerProcess>> Containers::launch(runtime::LaunchSpec spec)
{
    return m_runtime->launch(std::move(spec), sink(), publisher_for(log, scheduler));
}

Result<std::unique_ptr<runtime::ContainerProcess>> Containers::execute(
    runtime::ContainerProcess& in, runtime::LaunchSpec spec)
{
    return m_runtime->execute(in, std::move(spec), sink(), publisher_for(log, scheduler));
}

Containers::Run Containers::run(runtime::LaunchSpec spec)
{
    auto const process = REQUIRE_OK(launch(std::move(spec)));
    auto const status = process->wait();
    return { status, out(), err() };
}

std::string Containers::out() const
{
    std::lock_guard const lock(m_mutex);
    return m_out;
}

std::string Containers::err() const
{
    std::lock_guard const lock(m_mutex);
    return m_err;
}

void Containers::await_output(std::string const& text)
{
    std::unique_lock lock(m_mutex);
    m_more.wait(lock, [&] { return m_out.find(text) != std::string::npos; });
}

}
