//! Reads Rust source as far as the rules need it: words and paths, without comments, texts and tests.

/// A piece of source with the line it stands on, counted from 1.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(is_word_start)
    }
}

/// A path as written, `use` groups spelled out, with the module that it is written in.
#[derive(Debug)]
pub(crate) struct WrittenPath {
    /// Begins with `crate`, `super` or `self`.
    pub(crate) segments: Vec<String>,
    /// The inline modules around it, outermost first.
    pub(crate) within: Vec<String>,
    pub(crate) line: usize,
}

/// What the rules want to know of one file.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The names that the file gives, to items, fields, arguments and variables, outside tests.
    pub(crate) names: Vec<Token>,
    pub(crate) paths: Vec<WrittenPath>,
    /// Names brought in by `use` for the whole file, each with the path it comes from.
    pub(crate) imports: Vec<(String, Vec<String>)>,
    /// Names of `macro_rules!` macros.
    pub(crate) macros: Vec<String>,
    /// `mod name;` outside tests.
    pub(crate) modules: Vec<String>,
    /// `#[cfg(test)] mod name;`
    pub(crate) test_modules: Vec<String>,
}

pub(crate) fn read(text: &str) -> Source {
    let mut source = Source::default();
    let tokens = without_tests(&tokens(text), &mut source.test_modules);
    let mut within: Vec<(String, usize)> = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let ahead = |by: usize| tokens.get(at + by).map_or("", |token| token.text.as_str());
        let behind = |by: usize| {
            at.checked_sub(by)
                .and_then(|at| tokens.get(at))
                .map_or("", |token| token.text.as_str())
        };
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                within.retain(|(_, opened)| *opened <= depth);
            }
            "mod" if ahead(2) == ";" => source.modules.push(ahead(1).to_owned()),
            "mod" if ahead(2) == "{" => within.push((ahead(1).to_owned(), depth + 1)),
            "macro_rules" => source.macros.push(ahead(2).to_owned()),
            "use" if depth == 0 => import(
                tokens.get(at + 1..).unwrap_or_default(),
                &mut source.imports,
            ),
            "crate" | "super" | "self" if ahead(1) == "::" && behind(1) != "::" => {
                for (path, _) in spelled_out(tokens.get(at..).unwrap_or_default()) {
                    source.paths.push(WrittenPath {
                        segments: path,
                        within: within.iter().map(|(name, _)| name.clone()).collect(),
                        line: token.line,
                    });
                }
            }
            _ => {}
        }
    }
    source.names = names_given(&tokens);
    source
}

/// A name stands behind one of these where it is given ..
const GIVES_NAME: [&str; 13] = [
    "fn", "struct", "enum", "trait", "type", "mod", "const", "static", "let", "mut", "ref", "for",
    "|",
];

/// .. or in front of a colon; enough to catch a word, not to find every name there is.
fn names_given(tokens: &[Token]) -> Vec<Token> {
    let around = tokens.windows(3).filter_map(|around| match around {
        [before, name, after] if GIVES_NAME.contains(&before.text.as_str()) || after.is(":") => {
            Some(name)
        }
        _ => None,
    });
    around.filter(|name| name.is_word()).cloned().collect()
}

fn import(tokens: &[Token], imports: &mut Vec<(String, Vec<String>)>) {
    for (path, alias) in spelled_out(tokens) {
        let last = path
            .iter()
            .rev()
            .find(|segment| *segment != "self")
            .cloned();
        if let Some(name) = alias.or(last) {
            imports.push((name, path));
        }
    }
}

/// The paths of a `use` tree or of a plain path at the beginning of `tokens`, each with its alias.
fn spelled_out(tokens: &[Token]) -> Vec<(Vec<String>, Option<String>)> {
    let mut paths = Vec::new();
    let mut open: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut alias = None;
    let mut segment_expected = true;
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        match token.text.as_str() {
            "::" => segment_expected = true,
            "{" if segment_expected => open.push(path.clone()),
            "as" => alias = tokens.next().map(|token| token.text.clone()),
            "," | "}" if !open.is_empty() => {
                let prefix = open.last().cloned().unwrap_or_default();
                if path.len() > prefix.len() {
                    paths.push((path, alias.take()));
                }
                path = prefix;
                segment_expected = token.is(",");
                if token.is("}") {
                    open.pop();
                    let Some(outer) = open.last() else {
                        return paths;
                    };
                    path.clone_from(outer);
                }
            }
            "*" if segment_expected => {
                path.push("*".to_owned());
                segment_expected = false;
            }
            _ if segment_expected && token.is_word() => {
                path.push(token.text.clone());
                segment_expected = false;
            }
            _ => break,
        }
    }
    if !path.is_empty() {
        paths.push((path, alias));
    }
    paths
}

/// Leaves out every item under an attribute that makes it test code.
fn without_tests(tokens: &[Token], test_modules: &mut Vec<String>) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        let attribute = attribute_length(rest);
        if !is_test_attribute(rest.get(..attribute).unwrap_or_default()) {
            kept.push(token.clone());
            at += 1;
            continue;
        }
        at += attribute;
        let item = tokens.get(at..).unwrap_or_default();
        let length = item_length(item);
        let item = item.get(..length).unwrap_or_default();
        if let Some(name) = item.iter().skip_while(|token| !token.is("mod")).nth(1)
            && item.last().is_some_and(|token| token.is(";"))
        {
            test_modules.push(name.text.clone());
        }
        at += length;
    }
    kept
}

/// How many tokens an attribute at the beginning takes; 0 where there is none.
fn attribute_length(tokens: &[Token]) -> usize {
    match tokens {
        [hash, bracket, ..] if hash.is("#") && bracket.is("[") => {
            let mut depth = 0_usize;
            for (at, token) in tokens.iter().enumerate() {
                depth += usize::from(token.is("["));
                depth -= usize::from(token.is("]") && depth > 0);
                if depth == 0 && at > 0 {
                    return at + 1;
                }
            }
            tokens.len()
        }
        _ => 0,
    }
}

fn is_test_attribute(attribute: &[Token]) -> bool {
    let words: Vec<&str> = attribute
        .iter()
        .filter(|token| token.is_word())
        .map(|token| token.text.as_str())
        .collect();
    match words.as_slice() {
        ["test"] => true,
        ["cfg", rest @ ..] => rest.contains(&"test") && !rest.contains(&"not"),
        _ => false,
    }
}

/// How many tokens an item takes: up to its `;`, or to the end of its braces.
fn item_length(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.is("}") {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words and signs of a text; comments, lifetimes, numbers, characters and texts are left out.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = skipped_length(rest);
        let taken = if length > 0 {
            length
        } else if is_word_start(first) {
            let word = rest.strip_prefix("r#").unwrap_or(rest);
            let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
            let text = word.get(..end).unwrap_or_default().to_owned();
            tokens.push(Token { text, line });
            rest.len() - word.len() + end
        } else {
            let sign = if rest.starts_with("::") { "::" } else { rest };
            let end = if sign == "::" { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                tokens.push(Token {
                    text: sign.get(..end).unwrap_or_default().to_owned(),
                    line,
                });
            }
            end
        };
        let (passed, remaining) = rest.split_at(taken);
        line += passed.matches('\n').count();
        rest = remaining;
    }
    tokens
}

/// How many bytes at the beginning are a comment, a literal or a lifetime; 0 where none is.
fn skipped_length(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if let Some(length) = raw_text_length(rest) {
        return length;
    }
    for prefix in ["\"", "b\"", "c\""] {
        if rest.starts_with(prefix) {
            return quoted_length(rest, prefix.len(), '"');
        }
    }
    if rest.starts_with("b'") {
        return quoted_length(rest, 2, '\'');
    }
    if let Some(after) = rest.strip_prefix('\'') {
        let mut chars = after.chars();
        let (first, second) = (chars.next(), chars.next());
        return if first == Some('\\') || second == Some('\'') {
            quoted_length(rest, 1, '\'')
        } else {
            1 + after.find(|c| !is_word(c)).unwrap_or(after.len())
        };
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    }
    0
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, `br"…"` ..
fn raw_text_length(rest: &str) -> Option<usize> {
    let after = ["r", "br", "cr"].iter().find_map(|prefix| {
        rest.strip_prefix(prefix)
            .filter(|after| after.starts_with(['#', '"']))
    })?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - body.len();
    Some(
        body.find(&end)
            .map_or(rest.len(), |at| start + at + end.len()),
    )
}

fn quoted_length(rest: &str, start: usize, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip_while(|(at, _)| *at < start) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}
