#include "sim/overlay/Biography.h"

namespace drydock::overlay {

namespace {

// What one branch by itself says of a path that others may have: itself, a mark above it that hides it, or nothing.
struct Word {
    Object object {};
    bool hides { false };
};

Word word_of(Branch const& branch, std::string_view path)
{
    auto const* at = &branch.root();
    bool hides = at->object.opaque;
    for (auto name = next_component(path); !name.empty(); name = next_component(path)) {
        at = branch.child(*at, name);
        if (at == nullptr)
            return { .object = {}, .hides = hides };
        auto const kind = at->object.kind;
        bool const is_last = path.empty() || path == "/";
        if (kind == Kind::Whiteout || (!is_last && kind != Kind::Directory))
            return { .object = {}, .hides = true };
        hides = hides || (at->object.opaque && !is_last);
    }
    return { .object = at->object, .hides = hides };
}

bool is_at_or_above(std::string const& path, std::string const& of)
{
    return of == path || (of.starts_with(path) && of[path.size()] == '/');
}

// Appends what an event did to the path; events of other containers and paths are passed over.
class Diary {
public:
    Diary(std::string const& path, ContainerId const& container, std::vector<LifeEvent>& life)
        : m_path(path)
        , m_container(container)
        , m_life(life)
    {
    }

    void read(trace::Record const& record)
    {
        m_record = record.sequence;
        take<trace::FileCopiedUp>(record, [](auto const& e) { return LifeEvent { Deed::CopiedUp, {}, {}, e.bytes }; });
        take<trace::FileCreated>(record, [](auto const&) { return LifeEvent { Deed::Created }; });
        take<trace::FileWritten>(record, [](auto const& e) { return LifeEvent { Deed::Written, {}, {}, e.size }; });
        take<trace::FileRemoved>(record, [](auto const&) { return LifeEvent { Deed::Removed }; });
        take<trace::WhiteoutMade>(record, [](auto const&) { return LifeEvent { Deed::WhitedOut }; });
        take<trace::DirectoryMadeOpaque>(record, [](auto const&) { return LifeEvent { Deed::MadeOpaque }; });
        take<trace::MetadataChanged>(record, [](auto const& e) {
            return LifeEvent { Deed::Changed, {}, {}, 0, e.what };
        });
        if (auto const* const e = record.event.get_if<trace::EngineRestored>())
            take_back(e->records);
        if (auto const* const e = record.event.get_if<trace::FileRenamed>();
            e != nullptr && e->container == m_container)
            rename(*e);
    }

private:
    template <class E, class Tell> void take(trace::Record const& record, Tell tell)
    {
        auto const* const event = record.event.get_if<E>();
        if (event != nullptr && event->container == m_container && event->path == m_path)
            add(tell(*event));
    }
    // A directory takes what lies in it along.
    void rename(trace::FileRenamed const& e)
    {
        if (is_at_or_above(e.from, m_path))
            add({ Deed::Renamed, {}, {}, 0, e.to + m_path.substr(e.from.size()) });
        else if (is_at_or_above(e.to, m_path))
            add({ Deed::Renamed, {}, {}, 0, e.from + m_path.substr(e.to.size()) });
    }
    void take_back(std::uint64_t records)
    {
        auto const undone = std::erase_if(m_life, [&](LifeEvent const& event) { return event.record >= records; });
        if (undone > 0)
            add({ Deed::TakenBack });
    }
    void add(LifeEvent event)
    {
        event.record = m_record;
        m_life.push_back(std::move(event));
    }

    std::string const& m_path;
    ContainerId const& m_container;
    std::vector<LifeEvent>& m_life;
    std::uint64_t m_record { 0 };
};

}

std::vector<LifeEvent> layers_biography(std::string_view path, std::span<Branch const* const> layers)
{
    std::vector<LifeEvent> life;
    std::optional<Object> now;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        auto const& branch = *layers[layers.size() - 1 - i];
        auto const word = word_of(branch, path);
        if (word.object.is_present()) {
            // A layer's tar lists the directories on the way to what it brings: that is no news of them.
            bool const is_news = !now || word.object.kind != Kind::Directory || now->mode != word.object.mode;
            if (is_news)
                life.push_back({ .deed = now ? Deed::Replaced : Deed::Brought, .layer = i, .size = word.object.size });
            now = word.object;
        } else if (word.hides && now) {
            life.push_back({ .deed = Deed::Deleted, .layer = i });
            now.reset();
        }
    }
    return life;
}

std::vector<LifeEvent> container_biography(
    std::string const& path, ContainerId const& container, trace::EventLog const& log, std::uint64_t records)
{
    std::vector<LifeEvent> life;
    Diary diary(path, container, life);
    for (std::uint64_t i = 0; i < records; ++i)
        diary.read(log[i]);
    return life;
}

}
