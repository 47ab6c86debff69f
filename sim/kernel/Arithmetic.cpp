#include "sim/kernel/Arithmetic.h"

#include <array>
#include <cctype>

namespace drydock::kernel::shell {

namespace {

// Wraps around as the machine does, instead of overflowing.
std::int64_t wrap(std::uint64_t value)
{
    return static_cast<std::int64_t>(value);
}

class Evaluator {
public:
    Evaluator(std::string_view text, std::function<std::string(std::string const&)> const& value_of,
        std::function<void(std::string const&, std::int64_t)> const& assign)
        : m_text(text)
        , m_value_of(value_of)
        , m_assign(assign)
    {
    }
    Result<std::int64_t> run()
    {
        skip();
        if (m_text.empty())
            return 0;
        auto const value = TRY(assignment());
        return m_text.empty() ? Result<std::int64_t>(value) : syntax_error();
    }

private:
    // From the loosest to the tightest.
    static constexpr std::array<std::array<std::string_view, 4>, 10> levels { { { "||" }, { "&&" }, { "|" }, { "^" },
        { "&" }, { "==", "!=" }, { "<=", ">=", "<", ">" }, { "<<", ">>" }, { "+", "-" }, { "*", "/", "%" } } };

    static Result<std::int64_t> syntax_error() { return fail(ErrorKind::InvalidInput, "arithmetic syntax error"); }

    void skip()
    {
        while (!m_text.empty() && std::isspace(static_cast<unsigned char>(m_text.front())) != 0)
            m_text.remove_prefix(1);
    }
    bool take(std::string_view token)
    {
        if (!m_text.starts_with(token))
            return false;
        m_text.remove_prefix(token.size());
        skip();
        return true;
    }
    std::string name()
    {
        std::size_t length = 0;
        while (length < m_text.size()
            && (std::isalnum(static_cast<unsigned char>(m_text[length])) != 0 || m_text[length] == '_'))
            ++length;
        std::string taken(m_text.substr(0, length));
        m_text.remove_prefix(length);
        skip();
        return taken;
    }

    Result<std::int64_t> assignment()
    {
        auto const before = m_text;
        if (!m_text.empty() && std::isdigit(static_cast<unsigned char>(m_text.front())) == 0) {
            auto const variable = name();
            for (std::string_view const op : { "=", "+=", "-=", "*=", "/=", "%=" }) {
                if (variable.empty() || !m_text.starts_with(op) || m_text.starts_with("=="))
                    continue;
                take(op);
                auto value = TRY(assignment());
                if (op != "=") {
                    auto const old = TRY(number(m_value_of(variable)));
                    value = TRY(apply(op.substr(0, 1), old, value));
                }
                m_assign(variable, value);
                return value;
            }
        }
        m_text = before;
        return conditional();
    }
    Result<std::int64_t> conditional()
    {
        auto const condition = TRY(binary(0));
        if (!take("?"))
            return condition;
        auto const if_true = TRY(assignment());
        if (!take(":"))
            return syntax_error();
        auto const if_false = TRY(assignment());
        return condition != 0 ? if_true : if_false;
    }
    Result<std::int64_t> binary(std::size_t level)
    {
        if (level == levels.size())
            return unary();
        auto left = TRY(binary(level + 1));
        for (;;) {
            std::string_view found;
            for (auto const op : levels[level]) {
                // "|" is not the head of "||", "<" not that of "<<", nor any that of an assignment.
                bool const longer = op.size() == 1 && m_text.size() > 1 && (m_text[1] == op[0] || m_text[1] == '=')
                    && op != "+" && op != "-" && !(op == "<" && m_text[1] == '=') && !(op == ">" && m_text[1] == '=');
                if (!op.empty() && m_text.starts_with(op) && !longer) {
                    found = op;
                    break;
                }
            }
            if (found.empty())
                return left;
            take(found);
            auto const right = TRY(binary(level + 1));
            left = TRY(apply(found, left, right));
        }
    }
    static Result<std::int64_t> apply(std::string_view op, std::int64_t left, std::int64_t right)
    {
        auto const a = static_cast<std::uint64_t>(left);
        auto const b = static_cast<std::uint64_t>(right);
        if (op == "/" || op == "%") {
            if (right == 0)
                return fail(ErrorKind::InvalidInput, "divide by zero");
            if (right == -1)
                return op == "/" ? wrap(0 - a) : 0;
            return op == "/" ? left / right : left % right;
        }
        if (op == "+")
            return wrap(a + b);
        if (op == "-")
            return wrap(a - b);
        if (op == "*")
            return wrap(a * b);
        if (op == "<<")
            return wrap(a << (b & 63U));
        if (op == ">>")
            return left >> (b & 63U);
        if (op == "&&" || op == "||")
            return op == "&&" ? left != 0 && right != 0 : left != 0 || right != 0;
        if (op == "==" || op == "!=")
            return (left == right) == (op == "==");
        if (op == "<" || op == ">=")
            return (left < right) == (op == "<");
        if (op == ">" || op == "<=")
            return (left > right) == (op == ">");
        return wrap(op == "&" ? a & b : op == "|" ? a | b : a ^ b);
    }
    Result<std::int64_t> unary()
    {
        if (take("!"))
            return TRY(unary()) == 0;
        if (take("~"))
            return ~TRY(unary());
        if (take("-"))
            return wrap(0 - static_cast<std::uint64_t>(TRY(unary())));
        if (take("+"))
            return unary();
        if (take("(")) {
            auto const value = TRY(assignment());
            return take(")") ? Result<std::int64_t>(value) : syntax_error();
        }
        auto const word = name();
        if (word.empty())
            return syntax_error();
        if (std::isdigit(static_cast<unsigned char>(word.front())) != 0)
            return number(word);
        return number(m_value_of(word));
    }
    static Result<std::int64_t> number(std::string const& word)
    {
        char* end = nullptr;
        auto const value = std::strtoll(word.c_str(), &end, 0);
        return *end == '\0' ? Result<std::int64_t>(value) : syntax_error();
    }

    std::string_view m_text;
    std::function<std::string(std::string const&)> const& m_value_of;
    std::function<void(std::string const&, std::int64_t)> const& m_assign;
};

}

Result<std::int64_t> evaluate_arithmetic(std::string_view expression,
    std::function<std::string(std::string const&)> const& value_of,
    std::function<void(std::string const&, std::int64_t)> const& assign)
{
    return Evaluator(expression, value_of, assign).run();
}

}
