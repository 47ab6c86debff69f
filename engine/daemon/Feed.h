#pragma once

// Hands each item to everybody who has subscribed, in order: a container's output, its log lines, docker's events.
// Nothing is kept for those who come later. A reader that falls behind either holds the writer back (output must not
// be lost) or loses the oldest items (events must never hold the engine back).

#include "sim/time/Scheduler.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace drydock::daemon {

enum class Overflow : std::uint8_t { HoldWriterBack, DropOldest };

template <class Item> class Feed {
    struct Shared {
        std::mutex mutex;
        std::unique_ptr<Condition> changed;
    };

public:
    class Subscription {
    public:
        explicit Subscription(std::shared_ptr<Shared> shared)
            : m_shared(std::move(shared))
        {
        }

        // The next item; nothing once the feed has ended (or `deadline` has come) and all is read.
        std::optional<Item> next(std::optional<Timestamp> deadline = std::nullopt)
        {
            std::unique_lock lock(m_shared->mutex);
            auto const ready = [&] { return m_ended || !m_items.empty(); };
            if (deadline)
                m_shared->changed->wait_until(lock, *deadline, ready);
            else
                m_shared->changed->wait(lock, ready);
            if (m_items.empty())
                return std::nullopt;
            auto item = std::move(m_items.front());
            m_items.pop_front();
            m_shared->changed->notify_all();
            return item;
        }

        // Takes no more items: the reader has gone.
        void end()
        {
            std::lock_guard const lock(m_shared->mutex);
            m_ended = true;
            m_shared->changed->notify_all();
        }

        std::uint64_t dropped() const
        {
            std::lock_guard const lock(m_shared->mutex);
            return m_dropped;
        }

    private:
        friend class Feed;
        std::shared_ptr<Shared> m_shared;
        std::deque<Item> m_items;
        std::uint64_t m_dropped { 0 };
        bool m_ended { false };
    };

    Feed(Scheduler& scheduler, std::size_t capacity, Overflow overflow)
        : m_shared(std::make_shared<Shared>())
        , m_capacity(capacity)
        , m_overflow(overflow)
    {
        m_shared->changed = scheduler.make_condition();
    }
    ~Feed() { finish(); }

    std::shared_ptr<Subscription> subscribe()
    {
        auto subscription = std::make_shared<Subscription>(m_shared);
        std::lock_guard const lock(m_shared->mutex);
        m_subscriptions.push_back(subscription);
        return subscription;
    }

    void publish(Item const& item)
    {
        std::unique_lock lock(m_shared->mutex);
        std::erase_if(m_subscriptions, [](auto const& s) { return s.use_count() == 1 || s->m_ended; });
        // A copy, because others may subscribe while this one waits for room.
        for (auto const& subscription : std::vector(m_subscriptions))
            deliver(lock, *subscription, item);
        m_shared->changed->notify_all();
    }

    // Ends the present subscriptions. Later ones are for what comes then.
    void finish()
    {
        std::lock_guard const lock(m_shared->mutex);
        for (auto const& subscription : m_subscriptions)
            subscription->m_ended = true;
        m_subscriptions.clear();
        m_shared->changed->notify_all();
    }

private:
    void deliver(std::unique_lock<std::mutex>& lock, Subscription& to, Item const& item)
    {
        if (m_overflow == Overflow::HoldWriterBack) {
            m_shared->changed->notify_all();
            m_shared->changed->wait(lock, [&] { return to.m_ended || to.m_items.size() < m_capacity; });
        } else if (to.m_items.size() == m_capacity) {
            to.m_items.pop_front();
            ++to.m_dropped;
        }
        if (!to.m_ended)
            to.m_items.push_back(item);
    }

    std::shared_ptr<Shared> m_shared;
    std::size_t m_capacity;
    Overflow m_overflow;
    std::vector<std::shared_ptr<Subscription>> m_subscriptions;
};

}
