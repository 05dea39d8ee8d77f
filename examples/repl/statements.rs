//! Cuts what is typed into statements and commands.

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statement {
    /// A query, without its semicolon.
    Query(String),
    /// A command, without its dot.
    Command(String),
}

/// Collects lines until statements are complete.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    pending: String,
}

impl Statements {
    /// Takes one line and gives what is complete with it.
    pub(crate) fn push(&mut self, line: &str) -> Vec<Statement> {
        if is_blank(&self.pending) {
            self.pending.clear();
            if let Some(command) = line.trim_start().strip_prefix('.') {
                let command = command.trim().trim_end_matches(';').trim_end();
                return vec![Statement::Command(command.to_owned())];
            }
        }
        self.pending.push_str(line);
        self.pending.push('\n');
        let mut complete = Vec::new();
        while let Some(end) = statement_end(&self.pending) {
            let rest = self.pending.split_off(end);
            let text = std::mem::replace(&mut self.pending, rest.split_at(1).1.to_owned());
            complete.extend(query(&text));
        }
        complete
    }

    /// What is left when nothing more comes.
    pub(crate) fn finish(&mut self) -> Option<Statement> {
        query(&std::mem::take(&mut self.pending))
    }
}

/// Whether a text can be run as it is: a command, nothing at all, or ending in a semicolon.
pub(crate) fn is_complete(text: &str) -> bool {
    let mut statements = Statements::default();
    for line in text.lines() {
        statements.push(line);
    }
    is_blank(&statements.pending)
}

/// The statement that a text ends in the middle of.
pub(crate) fn begun(text: &str) -> &str {
    let end = pieces(text).filter(|(_, piece)| *piece == ";").last();
    end.and_then(|(at, _)| text.get(at + 1..)).unwrap_or(text)
}

fn query(text: &str) -> Option<Statement> {
    (!is_blank(text)).then(|| Statement::Query(text.trim().to_owned()))
}

/// Where the first semicolon outside texts, quoted names and comments stands.
fn statement_end(text: &str) -> Option<usize> {
    pieces(text)
        .find(|(_, piece)| *piece == ";")
        .map(|(at, _)| at)
}

/// Whether there is nothing but space and comments.
fn is_blank(text: &str) -> bool {
    pieces(text).all(|(_, piece)| is_comment(piece) || piece.trim().is_empty())
}

fn is_comment(piece: &str) -> bool {
    piece.starts_with("//") || piece.starts_with("/*")
}

/// Single characters, and whole quoted texts, names and comments, each with its place.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let piece = rest.get(..piece_length(rest))?;
        let place = at;
        at += piece.len();
        Some((place, piece))
    })
}

fn piece_length(rest: &str) -> usize {
    let until = |start: usize, end: &str| {
        let found = rest.get(start..).and_then(|inner| inner.find(end));
        found.map_or(rest.len(), |at| start + at + end.len())
    };
    match rest.chars().next() {
        Some('/') if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
        Some('/') if rest.starts_with("/*") => until(2, "*/"),
        Some(quote @ ('\'' | '"')) => quoted_length(rest, quote),
        Some('`') => until(1, "`"),
        first => first.map_or(0, char::len_utf8),
    }
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(lines: &[&str]) -> Vec<String> {
        let mut statements = Statements::default();
        let mut all: Vec<Statement> = lines
            .iter()
            .flat_map(|line| statements.push(line))
            .collect();
        all.extend(statements.finish());
        let show = |statement| match statement {
            Statement::Query(text) => text,
            Statement::Command(text) => format!(".{text}"),
        };
        all.into_iter().map(show).collect()
    }

    #[test]
    fn statements_end_at_semicolons_and_commands_at_lines() {
        assert_eq!(cut(&["RETURN 1; RETURN 2;"]), ["RETURN 1", "RETURN 2"]);
        assert_eq!(
            cut(&["RETURN", "1", ";", ".timer on;", "RETURN 2"]),
            ["RETURN\n1", ".timer on", "RETURN 2"]
        );
        assert_eq!(cut(&["", ";;", "// nothing", "/* at all */ ;"]), [""; 0]);
    }

    #[test]
    fn semicolons_in_texts_names_and_comments_end_nothing() {
        for text in [
            "RETURN 'a;b'",
            "RETURN \"a;\\\";b\"",
            "RETURN 'it''s;'",
            "MATCH (`a;b`)",
            "RETURN 1 // ;",
            "RETURN /* ; */ 1",
        ] {
            assert_eq!(cut(&[text]), [text]);
            assert!(!is_complete(text), "{text}");
        }
    }

    #[test]
    fn the_statement_that_is_being_typed_is_what_follows_the_last_semicolon() {
        assert_eq!(begun("MATCH"), "MATCH");
        assert_eq!(begun("RETURN ';'; MAT"), " MAT");
        assert_eq!(begun("RETURN ';"), "RETURN ';");
        assert_eq!(begun("a;"), "");
    }

    #[test]
    fn a_dot_inside_a_statement_is_not_a_command() {
        assert_eq!(cut(&["RETURN c", ".title;"]), ["RETURN c\n.title"]);
        assert!(is_complete(".help"));
        assert!(is_complete("  "));
        assert!(is_complete("RETURN 1;"));
        assert!(!is_complete("RETURN 1"));
        assert!(!is_complete("RETURN 1; RETURN 2"));
    }
}
