// Storage in memory, with the faults that a disk and a process can have: no room, and a crash between any two calls.
// The simulated world keeps its blobs here; tests crash it at every single call.

#include "engine/content/Key.h"
#include "engine/content/Storage.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

namespace drydock::content {

namespace {

struct Node {
    std::string bytes;
    std::size_t synced { 0 }; // this much outlives a power cut
};

// What the storage, and the files it has handed out, share.
struct State {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Node>> nodes;
    MemoryFaults faults;
    std::uint64_t calls { 0 };
    std::uint64_t used { 0 }; // bytes

    // Counts a mutating call; from the crash on, every one fails. The caller holds the mutex.
    Result<void> mutate()
    {
        if (faults.crash_after_calls && calls >= *faults.crash_after_calls)
            return fail(ErrorKind::Io, "the storage has crashed (injected)");
        ++calls;
        return {};
    }
    Result<void> grow(std::uint64_t bytes, std::string const& key)
    {
        if (faults.capacity && used + bytes > *faults.capacity)
            return fail(Error::from_errno("write(2)", ENOSPC).with_context("writing " + key + " in memory"));
        used += bytes;
        return {};
    }
    void drop(std::string const& key)
    {
        auto const it = nodes.find(key);
        if (it == nodes.end())
            return;
        used -= it->second->bytes.size();
        nodes.erase(it);
    }
};

tl::unexpected<Error> not_found(std::string_view call, std::string const& key)
{
    return fail(Error::from_errno(call, ENOENT).with_context(key));
}

class MemoryReadableFile final : public ReadableFile {
public:
    MemoryReadableFile(std::shared_ptr<State> state, std::shared_ptr<Node const> node)
        : m_state(std::move(state))
        , m_node(std::move(node))
    {
    }

    std::uint64_t size() const override
    {
        std::lock_guard const lock(m_state->mutex);
        return m_node->bytes.size();
    }

    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        std::lock_guard const lock(m_state->mutex);
        auto const& bytes = m_node->bytes;
        if (offset >= bytes.size())
            return 0U;
        auto const count = std::min<std::size_t>(buffer.size(), bytes.size() - offset);
        std::memcpy(buffer.data(), bytes.data() + offset, count);
        return count;
    }

private:
    std::shared_ptr<State> m_state;
    std::shared_ptr<Node const> m_node;
};

class MemoryAppendableFile final : public AppendableFile {
public:
    MemoryAppendableFile(std::shared_ptr<State> state, std::shared_ptr<Node> node, std::string key)
        : m_state(std::move(state))
        , m_node(std::move(node))
        , m_key(std::move(key))
    {
    }

    std::uint64_t size() const override
    {
        std::lock_guard const lock(m_state->mutex);
        return m_node->bytes.size();
    }

    Result<void> append(std::string_view bytes) override
    {
        std::lock_guard const lock(m_state->mutex);
        TRY(m_state->mutate());
        TRY(m_state->grow(bytes.size(), m_key));
        m_node->bytes += bytes;
        return {};
    }

    Result<void> sync() override
    {
        std::lock_guard const lock(m_state->mutex);
        TRY(m_state->mutate());
        m_node->synced = m_node->bytes.size();
        return {};
    }

private:
    std::shared_ptr<State> m_state;
    std::shared_ptr<Node> m_node;
    std::string m_key;
};

class MemoryStorage final : public Storage {
public:
    explicit MemoryStorage(MemoryFaults faults) { m_state->faults = faults; }

    bool exists(std::string const& key) const override
    {
        std::lock_guard const lock(m_state->mutex);
        return find(key) != nullptr;
    }

    Result<std::uint64_t> size(std::string const& key) const override
    {
        std::lock_guard const lock(m_state->mutex);
        auto const node = find(key);
        if (!node)
            return not_found("fstatat(2)", key);
        return node->bytes.size();
    }

    Result<std::unique_ptr<ReadableFile>> open(std::string const& key) const override
    {
        std::lock_guard const lock(m_state->mutex);
        auto node = find(key);
        if (!node)
            return not_found("openat(2)", key);
        return std::make_unique<MemoryReadableFile>(m_state, std::move(node));
    }

    Result<std::string> read(std::string const& key, std::uint64_t limit) const override
    {
        std::lock_guard const lock(m_state->mutex);
        auto const node = find(key);
        if (!node)
            return not_found("openat(2)", key);
        if (node->bytes.size() > limit)
            return fail(ErrorKind::LimitExceeded, key + " has more than " + std::to_string(limit) + " bytes");
        return node->bytes;
    }

    Result<void> write_atomically(std::string const& key, std::string_view bytes) override
    {
        std::lock_guard const lock(m_state->mutex);
        verify_key(key);
        TRY(m_state->mutate());
        TRY(m_state->grow(bytes.size(), key));
        m_state->drop(key);
        m_state->nodes[key] = std::make_shared<Node>(Node { std::string(bytes), bytes.size() });
        return {};
    }

    Result<std::unique_ptr<AppendableFile>> append(std::string const& key) override
    {
        std::lock_guard const lock(m_state->mutex);
        verify_key(key);
        TRY(m_state->mutate());
        auto& node = m_state->nodes[key];
        if (!node)
            node = std::make_shared<Node>();
        return std::make_unique<MemoryAppendableFile>(m_state, node, key);
    }

    Result<void> publish(std::string const& from, std::string const& to) override
    {
        std::lock_guard const lock(m_state->mutex);
        verify_key(to);
        auto const node = find(from);
        if (!node)
            return not_found("renameat(2)", from);
        VERIFY(node->synced == node->bytes.size()); // A name must not outlive its content.
        TRY(m_state->mutate());
        m_state->drop(to);
        m_state->nodes.erase(from);
        m_state->nodes[to] = node;
        return {};
    }

    Result<void> make_directory(std::string const& key) override // here a key needs none
    {
        std::lock_guard const lock(m_state->mutex);
        verify_key(key);
        return m_state->mutate();
    }

    Result<void> remove(std::string const& key) override
    {
        std::lock_guard const lock(m_state->mutex);
        if (!find(key))
            return not_found("unlinkat(2)", key);
        TRY(m_state->mutate());
        m_state->drop(key);
        return {};
    }

    Result<void> remove_tree(std::string const& prefix) override
    {
        std::lock_guard const lock(m_state->mutex);
        verify_key(prefix);
        TRY(m_state->mutate());
        m_state->drop(prefix);
        auto it = m_state->nodes.lower_bound(prefix + "/");
        while (it != m_state->nodes.end() && it->first.starts_with(prefix + "/")) {
            auto const key = it->first;
            ++it;
            m_state->drop(key);
        }
        return {};
    }

    std::vector<std::string> list(std::string const& prefix) const override
    {
        std::lock_guard const lock(m_state->mutex);
        auto const start = prefix.empty() ? std::string() : prefix + "/";
        std::set<std::string> names;
        for (auto it = m_state->nodes.lower_bound(start); it != m_state->nodes.end() && it->first.starts_with(start);
             ++it)
            names.insert(it->first.substr(start.size(), it->first.find('/', start.size()) - start.size()));
        return { names.begin(), names.end() };
    }

    std::unique_ptr<MemoryStorage> after(Crash crash, MemoryFaults faults) const
    {
        std::lock_guard const lock(m_state->mutex);
        auto next = std::make_unique<MemoryStorage>(faults);
        for (auto const& [key, node] : m_state->nodes) {
            auto copy = std::make_shared<Node>(*node);
            if (crash == Crash::PowerCut)
                copy->bytes.resize(copy->synced);
            copy->synced = copy->bytes.size();
            next->m_state->used += copy->bytes.size();
            next->m_state->nodes.emplace(key, std::move(copy));
        }
        return next;
    }

private:
    std::shared_ptr<Node> find(std::string const& key) const
    {
        verify_key(key);
        auto const it = m_state->nodes.find(key);
        return it == m_state->nodes.end() ? nullptr : it->second;
    }

    std::shared_ptr<State> m_state { std::make_shared<State>() };
};

}

std::unique_ptr<Storage> make_memory_storage(MemoryFaults faults)
{
    return std::make_unique<MemoryStorage>(faults);
}

std::unique_ptr<Storage> restart_memory_storage(std::unique_ptr<Storage> before, Crash crash, MemoryFaults faults)
{
    auto const* memory = dynamic_cast<MemoryStorage const*>(before.get());
    VERIFY(memory != nullptr);
    return memory->after(crash, faults);
}

}
