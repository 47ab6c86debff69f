#include "engine/unionfs/FuseServer.h"

#include "engine/unionfs/FuseOperations.h"
#include "engine/unionfs/UnionMountImpl.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#define FUSE_USE_VERSION 312
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace drydock::unionfs {

namespace {
constexpr std::size_t workers = 3;          // one may copy a file up and one wait for the disk while a third answers
dev_t const fuse_device = makedev(10, 229); // Documentation/admin-guide/devices.txt
}

// ---- Sessions and threads ----

struct FuseServer::Impl final : KernelCaches {
    struct Worker {
        Impl* server { nullptr };
        pthread_t thread {};
        fuse_buf request {}; // allocated by libfuse, for the thread's whole life
    };

    explicit Impl(std::shared_ptr<UnionMount> m)
        : mount(std::move(m))
        , connection(mount->m_impl->tree)
    {
    }

    ~Impl() override
    {
        mount->m_impl->serve_to(nullptr);
        for (auto& worker : threads)
            ::pthread_cancel(worker->thread);
        join();
        if (session != nullptr)
            fuse_session_destroy(session); // closes the device
    }

    void join()
    {
        for (auto& worker : threads) {
            ::pthread_join(worker->thread, nullptr);
            std::free(worker->request.mem);
        }
        threads.clear();
    }

    Result<void> start(os::Fd device)
    {
        struct stat s { };
        if (::fstat(device.get(), &s) != 0 || !S_ISCHR(s.st_mode) || s.st_rdev != fuse_device)
            return fail(ErrorKind::InvalidInput, "the descriptor is no open /dev/fuse");
        std::array<char, 8> program { "drydock" };
        char* arguments[] { program.data(), nullptr };
        fuse_args args = FUSE_ARGS_INIT(1, arguments);
        auto const& callbacks = fuse_operations();
        session = fuse_session_new(&args, &callbacks, sizeof callbacks, &connection);
        fuse_opt_free_args(&args); // a copy of ours, made by the call
        if (session == nullptr)
            return fail(ErrorKind::Internal, "fuse_session_new failed");
        auto const path = "/dev/fd/" + std::to_string(device.get());
        if (fuse_session_mount(session, path.c_str()) != 0)
            return fail(ErrorKind::Internal, "fuse_session_mount failed on " + path);
        static_cast<void>(device.release()); // the session's now
        mount->m_impl->serve_to(this);
        while (threads.size() < workers) {
            auto worker = std::make_unique<Worker>();
            worker->server = this;
            if (int const error = ::pthread_create(&worker->thread, nullptr, work, worker.get()); error != 0)
                return fail(Error::from_errno("pthread_create(3)", error));
            threads.push_back(std::move(worker));
        }
        return {};
    }

    // Answers until the filesystem is unmounted. A thread can be cancelled only while it waits for a request: nothing
    // else ends a read(2) of the device from outside, as the mount may be in another namespace.
    static void* work(void* argument)
    {
        auto& worker = *static_cast<Worker*>(argument);
        auto* const session = worker.server->session;
        trace::SpanGuard const span(worker.server->span);
        ::pthread_setname_np(::pthread_self(), "fuse");
        ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
        for (;;) {
            ::pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, nullptr);
            int const size = fuse_session_receive_buf(session, &worker.request);
            ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, nullptr);
            if (size == -EINTR || size == -EAGAIN)
                continue;
            if (size <= 0)
                return nullptr;
            fuse_session_process_buf(session, &worker.request);
        }
    }

    void invalidate(NodeId id) override { fuse_lowlevel_notify_inval_inode(session, id, 0, 0); }
    void invalidate(NodeId parent, std::string const& name) override
    {
        fuse_lowlevel_notify_inval_entry(session, parent, name.c_str(), name.size());
    }

    std::shared_ptr<UnionMount> mount;
    FuseConnection connection;
    fuse_session* session { nullptr };
    SpanId span { trace::current_span() };
    std::vector<std::unique_ptr<Worker>> threads;
};

Result<std::unique_ptr<FuseServer>> FuseServer::serve(os::Fd device, std::shared_ptr<UnionMount> mount)
{
    std::unique_ptr<FuseServer> server(new FuseServer);
    server->m_impl = std::make_unique<Impl>(std::move(mount));
    TRY(server->m_impl->start(std::move(device)));
    return server;
}

FuseServer::~FuseServer() = default;

void FuseServer::wait_until_unmounted()
{
    m_impl->join();
}

std::string FuseServer::mount_options(int device)
{
    return "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions";
}

// ---- Our own mount ----

FuseMount::FuseMount(std::filesystem::path target, std::unique_ptr<FuseServer> server)
    : m_target(std::move(target))
    , m_server(std::move(server))
{
}

Result<std::unique_ptr<FuseMount>> FuseMount::mount(
    std::filesystem::path const& target, std::shared_ptr<UnionMount> tree)
{
    os::Fd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device)
        return fail(Error::from_errno("open(2)", errno).with_context("/dev/fuse"));
    auto const options = FuseServer::mount_options(device.get());
    if (::mount("drydock", target.c_str(), "fuse.drydock", 0, options.c_str()) != 0)
        return fail(Error::from_errno("mount(2)", errno).with_context(target.string()));
    auto server = FuseServer::serve(std::move(device), std::move(tree));
    if (!server) {
        ::umount2(target.c_str(), MNT_DETACH);
        return fail(server.error());
    }
    return std::unique_ptr<FuseMount>(new FuseMount(target, std::move(*server)));
}

FuseMount::~FuseMount()
{
    ::umount2(m_target.c_str(), MNT_DETACH);
}

}
