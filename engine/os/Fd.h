#pragma once

// A file descriptor with an owner: closed once, by whoever holds it last. A plain int in an interface only borrows.

#include <unistd.h>

#include <utility>

namespace drydock::os {

class Fd {
public:
    Fd() = default;
    explicit Fd(int number)
        : m_number(number)
    {
    }
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept
        : m_number(other.release())
    {
    }
    Fd& operator=(Fd&& other) noexcept
    {
        if (this != &other) {
            reset();
            m_number = other.release();
        }
        return *this;
    }

    int get() const { return m_number; }
    explicit operator bool() const { return m_number >= 0; }
    [[nodiscard]] int release() { return std::exchange(m_number, -1); }
    void reset()
    {
        // Never repeated on EINTR: Linux has closed the descriptor even then (close(2), NOTES).
        if (m_number >= 0)
            ::close(std::exchange(m_number, -1));
    }

private:
    int m_number { -1 };
};

}
