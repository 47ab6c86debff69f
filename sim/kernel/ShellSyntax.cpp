#include "sim/kernel/ShellSyntax.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace drydock::kernel::shell {

namespace {

bool is_name(std::string_view text)
{
    auto const is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0
        && std::all_of(text.begin(), text.end(), is_word);
}

// The length of a quoted piece that `text` begins with, quotes included; 0 where its end is missing.
std::size_t quoted_length(std::string_view text)
{
    char const quote = text.front();
    for (std::size_t at = 1; at < text.size();) {
        if (text[at] == quote)
            return at + 1;
        if (quote == '"' && text[at] == '\\') {
            at += 2;
        } else if (quote == '"' && (text[at] == '$' || text[at] == '`')) {
            auto const length = expansion_length(text.substr(at));
            if (length == 0)
                return 0;
            at += length;
        } else {
            ++at;
        }
    }
    return 0;
}

// As above for $( … ) and ${ … }: whatever stands inside is skipped by the same rules.
std::size_t bracketed_length(std::string_view text, std::size_t begin, char open, char close)
{
    int depth = 0;
    for (std::size_t at = begin; at < text.size();) {
        char const c = text[at];
        std::size_t length = 1;
        if (c == '\'' || c == '"')
            length = quoted_length(text.substr(at));
        else if (c == '\\')
            length = 2;
        else if (c == '`' || (c == '$' && at > begin))
            length = expansion_length(text.substr(at));
        else if (c == open)
            ++depth;
        else if (c == close && --depth == 0)
            return at + 1;
        if (length == 0)
            return 0;
        at += length;
    }
    return 0;
}

struct Token {
    enum class Kind : std::uint8_t { Word, Operator, Newline, End };
    Kind kind { Kind::End };
    std::string text;
    bool is_descriptor { false }; // digits right before < or >
    bool operator==(std::string_view other) const { return kind != Kind::End && text == other; }
};

constexpr std::array<std::string_view, 15> operators { "<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", "<", ">",
    "|", "&", ";", "(" };

class Lexer {
public:
    explicit Lexer(std::string_view script)
        : m_text(script)
    {
    }

    Result<Token> next()
    {
        skip_blanks();
        if (m_text.empty())
            return Token {};
        if (m_text.front() == '\n') {
            m_text.remove_prefix(1);
            TRY(read_here_documents());
            return Token { Token::Kind::Newline, "\n" };
        }
        for (auto const op : operators) {
            if (m_text.starts_with(op))
                return take(Token::Kind::Operator, op.size());
        }
        if (m_text.front() == ')')
            return take(Token::Kind::Operator, 1);
        return word();
    }

    // The text of a here-document follows the line; the redirect gets it then.
    void expect_here_document(Redirect& redirect, std::string delimiter, bool strip_tabs)
    {
        m_here.push_back({ &redirect, std::move(delimiter), strip_tabs });
    }

private:
    struct Here {
        Redirect* redirect;
        std::string delimiter;
        bool strip_tabs;
    };

    Token take(Token::Kind kind, std::size_t length)
    {
        Token token { kind, std::string(m_text.substr(0, length)) };
        m_text.remove_prefix(length);
        return token;
    }
    void skip_blanks()
    {
        for (;;) {
            if (m_text.starts_with("\\\n"))
                m_text.remove_prefix(2);
            else if (!m_text.empty() && (m_text.front() == ' ' || m_text.front() == '\t'))
                m_text.remove_prefix(1);
            else
                break;
        }
        if (m_text.starts_with('#'))
            m_text.remove_prefix(std::min(m_text.find('\n'), m_text.size()));
    }
    Result<Token> word()
    {
        std::size_t at = 0;
        while (at < m_text.size() && std::string_view(" \t\n;&|<>()").find(m_text[at]) == std::string_view::npos) {
            std::size_t length = 1;
            char const c = m_text[at];
            if (c == '\\')
                length = std::min<std::size_t>(2, m_text.size() - at);
            else if (c == '\'' || c == '"')
                length = quoted_length(m_text.substr(at));
            else if (c == '$' || c == '`')
                length = expansion_length(m_text.substr(at));
            if (length == 0)
                return fail(ErrorKind::InvalidInput, "syntax error: unterminated quoted string");
            at += length;
        }
        auto token = take(Token::Kind::Word, at);
        token.is_descriptor = !m_text.empty() && (m_text.front() == '<' || m_text.front() == '>')
            && std::all_of(token.text.begin(), token.text.end(), [](char c) { return c >= '0' && c <= '9'; });
        return token;
    }
    Result<void> read_here_documents()
    {
        for (auto& here : std::exchange(m_here, {})) {
            for (;;) {
                auto const end = m_text.find('\n');
                auto line = m_text.substr(0, end);
                bool const is_last = end == std::string_view::npos;
                m_text.remove_prefix(is_last ? m_text.size() : end + 1);
                if (here.strip_tabs)
                    line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
                if (line == here.delimiter || (is_last && line.empty()))
                    break;
                here.redirect->word.append(line).push_back('\n');
            }
        }
        return {};
    }

    std::string_view m_text;
    std::vector<Here> m_here;
};

class Parser {
public:
    explicit Parser(std::string_view script)
        : m_lexer(script)
    {
    }

    Result<NodePtr> script()
    {
        TRY(advance());
        auto list = TRY(sequence({}));
        if (m_token.kind != Token::Kind::End)
            return unexpected();
        return list;
    }

private:
    using Mutable = std::shared_ptr<Node>;

    Result<void> advance()
    {
        m_token = TRY(m_lexer.next());
        return {};
    }
    Result<void> skip_newlines()
    {
        while (m_token.kind == Token::Kind::Newline)
            TRY(advance());
        return {};
    }
    tl::unexpected<Error> unexpected(std::string_view expected = {}) const
    {
        std::string what = m_token.kind == Token::Kind::End                   ? "end of file"
            : m_token.kind == Token::Kind::Newline                            ? "newline"
            : m_token.kind == Token::Kind::Word && !is_reserved(m_token.text) ? "word"
                                                                              : "\"" + m_token.text + "\"";
        if (!expected.empty())
            what += " (expecting \"" + std::string(expected) + "\")";
        return fail(ErrorKind::InvalidInput, "syntax error: unexpected " + what);
    }
    static bool is_reserved(std::string_view text)
    {
        static constexpr std::array<std::string_view, 16> words { "!", "case", "do", "done", "elif", "else", "esac",
            "fi", "for", "if", "in", "then", "until", "while", "{", "}" };
        return std::find(words.begin(), words.end(), text) != words.end();
    }
    bool at_word(std::string_view text) const { return m_token.kind == Token::Kind::Word && m_token == text; }
    // A word that ends something: another than the expected one is for the caller to complain about.
    bool at_closing_word() const
    {
        static constexpr std::array<std::string_view, 8> words { "then", "elif", "else", "fi", "do", "done", "esac",
            "}" };
        return std::any_of(words.begin(), words.end(), [&](auto word) { return at_word(word); });
    }
    bool at_operator(std::string_view text) const { return m_token.kind == Token::Kind::Operator && m_token == text; }
    Result<void> expect(std::string_view text)
    {
        if (!(m_token == text))
            return unexpected(text);
        return advance();
    }
    static Mutable make(Node::Kind kind, std::vector<NodePtr> children = {})
    {
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->children = std::move(children);
        return node;
    }

    // Commands up to one of the words in `ends`, ")" or the end of the script.
    Result<NodePtr> sequence(std::vector<std::string_view> const& ends)
    {
        auto list = make(Node::Kind::Sequence);
        TRY(skip_newlines());
        while (m_token.kind != Token::Kind::End && !at_operator(")") && !at_operator(";;")
            && std::none_of(ends.begin(), ends.end(), [&](auto end) { return at_word(end); }) && !at_closing_word()) {
            auto command = TRY(and_or());
            if (at_operator("&"))
                command = make(Node::Kind::Background, { command });
            list->children.push_back(std::move(command));
            if (at_operator(";") || at_operator("&") || m_token.kind == Token::Kind::Newline)
                TRY(advance());
            else
                break;
            TRY(skip_newlines());
        }
        return list;
    }
    // A sequence that must hold something, as ash wants it between "then" and "fi".
    Result<NodePtr> body(std::vector<std::string_view> const& ends)
    {
        auto list = TRY(sequence(ends));
        if (list->children.empty())
            return unexpected();
        return list;
    }

    Result<NodePtr> and_or()
    {
        auto left = TRY(pipeline());
        while (at_operator("&&") || at_operator("||")) {
            auto const kind = at_operator("&&") ? Node::Kind::And : Node::Kind::Or;
            TRY(advance());
            TRY(skip_newlines());
            auto right = TRY(pipeline());
            left = make(kind, { left, right });
        }
        return left;
    }

    Result<NodePtr> pipeline()
    {
        bool const negated = at_word("!");
        if (negated)
            TRY(advance());
        auto first = TRY(command());
        if (!negated && !at_operator("|"))
            return first;
        auto node = make(Node::Kind::Pipeline, { first });
        node->negated = negated;
        while (at_operator("|")) {
            TRY(advance());
            TRY(skip_newlines());
            node->children.push_back(TRY(command()));
        }
        return NodePtr(node);
    }

    Result<NodePtr> command()
    {
        auto node = TRY(compound());
        if (node == nullptr)
            return simple();
        while (TRY(redirect(*node))) { }
        return NodePtr(node);
    }

    // Null where a simple command stands.
    Result<Mutable> compound()
    {
        if (at_operator("(")) {
            TRY(advance());
            auto node = make(Node::Kind::Subshell, { TRY(body({})) });
            TRY(expect(")"));
            return node;
        }
        if (at_word("{")) {
            TRY(advance());
            auto node = make(Node::Kind::Group, { TRY(body({ "}" })) });
            TRY(expect("}"));
            return node;
        }
        if (at_word("if"))
            return if_command();
        if (at_word("for"))
            return for_command();
        if (at_word("case"))
            return case_command();
        if (at_word("while") || at_word("until")) {
            auto node = make(at_word("while") ? Node::Kind::While : Node::Kind::Until);
            TRY(advance());
            node->children.push_back(TRY(body({ "do" })));
            node->children.push_back(TRY(do_group()));
            return node;
        }
        if (m_token.kind == Token::Kind::Word && is_reserved(m_token.text))
            return unexpected();
        return nullptr;
    }

    Result<NodePtr> do_group()
    {
        TRY(expect("do"));
        auto commands = TRY(body({ "done" }));
        TRY(expect("done"));
        return commands;
    }

    Result<Mutable> if_command()
    {
        auto node = make(Node::Kind::If);
        do {
            TRY(advance());
            node->children.push_back(TRY(body({ "then" })));
            TRY(expect("then"));
            node->children.push_back(TRY(body({ "elif", "else", "fi" })));
        } while (at_word("elif"));
        if (at_word("else")) {
            TRY(advance());
            node->children.push_back(TRY(body({ "fi" })));
        }
        TRY(expect("fi"));
        return node;
    }

    Result<Mutable> for_command()
    {
        TRY(advance());
        auto node = make(Node::Kind::For);
        if (m_token.kind != Token::Kind::Word || !is_name(m_token.text))
            return fail(ErrorKind::InvalidInput, "syntax error: bad for loop variable");
        node->variable = m_token.text;
        TRY(advance());
        TRY(skip_newlines());
        node->over_arguments = !at_word("in");
        if (at_word("in")) {
            TRY(advance());
            for (; m_token.kind == Token::Kind::Word; TRY(advance()))
                node->words.push_back(m_token.text);
        }
        if (at_operator(";"))
            TRY(advance());
        TRY(skip_newlines());
        node->children.push_back(TRY(do_group()));
        return node;
    }

    Result<Mutable> case_command()
    {
        TRY(advance());
        auto node = make(Node::Kind::Case);
        node->words.push_back(m_token.text);
        TRY(advance());
        TRY(skip_newlines());
        TRY(expect("in"));
        TRY(skip_newlines());
        while (!at_word("esac")) {
            if (at_operator("("))
                TRY(advance());
            auto& patterns = node->patterns.emplace_back();
            for (;;) {
                if (m_token.kind != Token::Kind::Word)
                    return unexpected();
                patterns.push_back(m_token.text);
                TRY(advance());
                if (!at_operator("|"))
                    break;
                TRY(advance());
            }
            TRY(expect(")"));
            node->children.push_back(TRY(sequence({ "esac" })));
            if (!at_operator(";;"))
                break;
            TRY(advance());
            TRY(skip_newlines());
        }
        TRY(expect("esac"));
        return node;
    }

    Result<NodePtr> simple()
    {
        auto node = make(Node::Kind::Simple);
        for (;;) {
            if (TRY(redirect(*node)))
                continue;
            if (m_token.kind != Token::Kind::Word)
                break;
            auto const equals = m_token.text.find('=');
            bool const assigns = node->words.empty() && equals != std::string::npos
                && is_name(std::string_view(m_token.text).substr(0, equals));
            (assigns ? node->assignments : node->words).push_back(m_token.text);
            TRY(advance());
            if (at_operator("(") && node->words.size() == 1 && node->assignments.empty() && is_name(node->words[0]))
                return function(std::move(node->words[0]));
        }
        if (node->words.empty() && node->assignments.empty() && node->redirects.empty())
            return unexpected();
        return NodePtr(node);
    }

    Result<NodePtr> function(std::string name)
    {
        TRY(advance());
        TRY(expect(")"));
        TRY(skip_newlines());
        auto node = make(Node::Kind::Function, { TRY(command()) });
        node->variable = std::move(name);
        return NodePtr(node);
    }

    // True where a redirection stood.
    Result<bool> redirect(Node& node)
    {
        std::optional<int> fd;
        if (m_token.is_descriptor) {
            fd = std::atoi(m_token.text.c_str());
            TRY(advance());
        }
        if (m_token.kind != Token::Kind::Operator || (m_token.text[0] != '<' && m_token.text[0] != '>'))
            return false;
        auto const op = m_token.text;
        TRY(advance());
        if (m_token.kind != Token::Kind::Word)
            return unexpected();
        using Kind = Redirect::Kind;
        auto const kind = op == "<" ? Kind::Read
            : op == ">"             ? Kind::Write
            : op == ">>"            ? Kind::Append
            : op == "<>"            ? Kind::ReadWrite
            : op.starts_with("<<")  ? Kind::Here
                                    : Kind::Duplicate;
        auto& redirect
            = node.redirects.emplace_back(Redirect { fd.value_or(op[0] == '<' ? 0 : 1), kind, m_token.text });
        if (kind == Kind::Here)
            begin_here_document(redirect, op == "<<-");
        TRY(advance());
        return true;
    }

    void begin_here_document(Redirect& redirect, bool strip_tabs)
    {
        std::string delimiter;
        for (char const c : std::exchange(redirect.word, {})) {
            if (c == '\'' || c == '"' || c == '\\')
                redirect.expand = false; // a quoted delimiter: the text is taken as it is
            else
                delimiter += c;
        }
        m_lexer.expect_here_document(redirect, std::move(delimiter), strip_tabs);
    }

    Lexer m_lexer;
    Token m_token;
};

}

std::size_t expansion_length(std::string_view text)
{
    if (text.front() == '`') {
        for (std::size_t at = 1; at < text.size(); ++at) {
            if (text[at] == '\\')
                ++at;
            else if (text[at] == '`')
                return at + 1;
        }
        return 0;
    }
    if (text.size() < 2)
        return 1; // a lone "$"
    if (text[1] == '(')
        return bracketed_length(text, 1, '(', ')');
    if (text[1] == '{')
        return bracketed_length(text, 1, '{', '}');
    if (std::isalpha(static_cast<unsigned char>(text[1])) == 0 && text[1] != '_')
        return std::string_view("0123456789#?$!@*-").find(text[1]) == std::string_view::npos ? 1 : 2;
    std::size_t at = 2;
    while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_'))
        ++at;
    return at;
}

Result<NodePtr> parse(std::string_view script)
{
    return Parser(script).script();
}

}
