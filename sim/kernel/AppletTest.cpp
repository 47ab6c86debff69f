// test and [: conditions (POSIX, test).

#include "sim/kernel/Applet.h"

#include <fmt/format.h>

namespace drydock::kernel {

namespace {

class Evaluation {
public:
    Evaluation(System& system, Args words)
        : m_system(system)
        , m_words(std::move(words))
    {
    }
    // Nothing where the words make no condition; `error` says why.
    std::optional<bool> evaluate()
    {
        if (m_words.empty())
            return false;
        bool const value = disjunction();
        if (m_error.empty() && m_at < m_words.size())
            m_error = m_words[m_at] + ": unknown operand";
        return m_error.empty() ? std::optional(value) : std::nullopt;
    }
    std::string const& error() const { return m_error; }

private:
    std::size_t left() const { return m_words.size() - m_at; }
    bool at(std::string_view word) const { return left() > 0 && m_words[m_at] == word; }

    bool disjunction()
    {
        bool value = conjunction();
        while (at("-o")) {
            ++m_at;
            bool const right = conjunction();
            value = value || right;
        }
        return value;
    }
    bool conjunction()
    {
        bool value = negation();
        while (at("-a")) {
            ++m_at;
            bool const right = negation();
            value = value && right;
        }
        return value;
    }
    bool negation()
    {
        if (at("!") && left() > 1) {
            ++m_at;
            return !negation();
        }
        return primary();
    }
    bool primary()
    {
        if (left() >= 3) {
            if (auto const value = binary(m_words[m_at], m_words[m_at + 1], m_words[m_at + 2])) {
                m_at += 3;
                return *value;
            }
        }
        if (at("(") && left() > 2) {
            ++m_at;
            bool const value = disjunction();
            if (at(")"))
                ++m_at;
            else
                m_error = "closing paren expected";
            return value;
        }
        if (left() >= 2) {
            if (auto const value = unary(m_words[m_at], m_words[m_at + 1])) {
                m_at += 2;
                return *value;
            }
        }
        if (left() == 0) {
            m_error = "argument expected";
            return false;
        }
        return !m_words[m_at++].empty();
    }
    std::int64_t number(std::string const& text)
    {
        auto const value = parse_integer(text);
        if (!value)
            m_error = text + ": bad number";
        return value.value_or(0);
    }
    std::optional<bool> binary(std::string const& a, std::string_view op, std::string const& b)
    {
        if (op == "=" || op == "==")
            return a == b;
        if (op == "!=")
            return a != b;
        if (op == "-eq" || op == "-ne" || op == "-lt" || op == "-le" || op == "-gt" || op == "-ge") {
            auto const x = number(a);
            if (!m_error.empty())
                return false;
            auto const y = number(b);
            return op == "-eq" ? x == y
                : op == "-ne"  ? x != y
                : op == "-lt"  ? x < y
                : op == "-le"  ? x <= y
                : op == "-gt"  ? x > y
                               : x >= y;
        }
        return std::nullopt;
    }
    std::optional<bool> unary(std::string_view op, std::string const& operand)
    {
        if (op == "-n" || op == "-z")
            return operand.empty() == (op == "-z");
        if (op == "-t")
            return false;
        if (op.size() != 2 || op[0] != '-' || std::string_view("efdLhsrwxcbp").find(op[1]) == std::string_view::npos)
            return std::nullopt;
        auto const a = m_system.stat(operand, op == "-L" || op == "-h" ? Follow::No : Follow::Yes);
        if (!a)
            return false;
        switch (op[1]) {
        case 'f': return a->type == FileType::Regular;
        case 'd': return a->type == FileType::Directory;
        case 'L':
        case 'h': return a->type == FileType::Symlink;
        case 's': return a->size > 0;
        case 'r': return m_system.may(*a, System::Access::Read);
        case 'w': return m_system.may(*a, System::Access::Write);
        case 'x': return m_system.may(*a, System::Access::Execute);
        case 'c': return a->type == FileType::CharDevice;
        case 'b': return a->type == FileType::BlockDevice;
        case 'p': return a->type == FileType::Fifo;
        default: return true;
        }
    }

    System& m_system;
    Args m_words;
    std::size_t m_at { 0 };
    std::string m_error;
};

}

int test_program(System& system, Args const& args)
{
    Args words(args.begin() + 1, args.end());
    if (args[0] == "[") {
        if (words.empty() || words.back() != "]") {
            system.complain("sh: missing ]\n");
            return 2;
        }
        words.pop_back();
    }
    Evaluation condition(system, std::move(words));
    auto const value = condition.evaluate();
    if (!value) {
        system.complain("sh: " + condition.error() + "\n");
        return 2;
    }
    return *value ? 0 : 1;
}

}
