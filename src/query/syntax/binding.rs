//! Which variables a text binds and with which labels, by its tokens alone: it may be unfinished.

use super::token::{Token, TokenKind};
use super::words;

/// A variable and the labels that patterns give it, in the order written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) variable: String,
    pub(crate) labels: Vec<String>,
}

/// The variables in the order of their first place. `tokens` has no comments.
pub(super) fn bindings(text: &str, tokens: &[Token]) -> Vec<Binding> {
    let mut found: Vec<Binding> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let (before, after) = tokens.split_at_checked(index).unwrap_or((tokens, &[]));
        let after = after.get(1..).unwrap_or(&[]);
        if is_name(text, *token) && binds(text, before, after) {
            let variable = plain(text, *token);
            let labels = labels_at(text, after);
            match found
                .iter_mut()
                .find(|binding| binding.variable == variable)
            {
                Some(known) => known.labels.extend(labels),
                None => found.push(Binding { variable, labels }),
            }
        }
    }
    found
}

/// Whether a name between these tokens is the first or another place of a variable of its own.
fn binds(text: &str, before: &[Token], after: &[Token]) -> bool {
    let next = after.first().copied();
    let is_next = |symbols: &[&str]| {
        next.is_some_and(|next| symbols.iter().any(|symbol| next.is(text, symbol)))
    };
    let Some((previous, earlier)) = before.split_last() else {
        return is_next(&["="]);
    };
    let in_node = previous.is(text, "(")
        && !earlier.last().is_some_and(|word| is_name(text, *word))
        && (is_next(&[":", ")", "{"]) || next.is_none_or(|next| is_label_word(text, next)));
    let in_relation =
        previous.is(text, "[") && earlier.last().is_some_and(|dash| dash.is(text, "-"));
    let before_in = next.is_some_and(|next| next.is_word(text, "in"))
        && (["(", "[", ","]
            .into_iter()
            .any(|symbol| previous.is(text, symbol))
            || previous.is_word(text, "for"));
    let assigned = is_next(&["="])
        && (previous.is(text, ",")
            || previous.is_word(text, "match")
            || previous.is_word(text, "let"));
    in_node || in_relation || before_in || assigned || previous.is_word(text, "as")
}

fn is_label_word(text: &str, token: Token) -> bool {
    token.is_word(text, "is") || token.is_word(text, "where")
}

/// The labels of a label expression that starts here with `:` or `IS`; negated ones are left out.
fn labels_at(text: &str, tokens: &[Token]) -> Vec<String> {
    let mut labels = Vec::new();
    let mut rest = match tokens.split_first() {
        Some((first, rest)) if first.is(text, ":") || first.is_word(text, "is") => rest,
        _ => return labels,
    };
    loop {
        let mut negated = false;
        while let Some((sign, after)) = rest.split_first()
            && ["!", "(", ":"]
                .into_iter()
                .any(|symbol| sign.is(text, symbol))
        {
            negated ^= sign.is(text, "!");
            rest = after;
        }
        let Some((label, after)) = rest
            .split_first()
            .filter(|(label, _)| is_name(text, **label))
        else {
            return labels;
        };
        let (label, after) = hyphenated(text, *label, after);
        if !negated {
            labels.push(label);
        }
        match after.split_first() {
            Some((join, after))
                if ["|", "&", ":"]
                    .into_iter()
                    .any(|symbol| join.is(text, symbol)) =>
            {
                rest = after;
            }
            _ => return labels,
        }
    }
}

/// A label with its inner hyphens, and the tokens after it.
fn hyphenated<'t>(text: &str, first: Token, after: &'t [Token]) -> (String, &'t [Token]) {
    let mut label = plain(text, first);
    let (mut end, mut rest) = (first.span.end, after);
    while let [hyphen, part, after @ ..] = rest
        && hyphen.is(text, "-")
        && part.kind == TokenKind::Word
        && hyphen.span.start == end
        && part.span.start == hyphen.span.end
    {
        label.push('-');
        label.push_str(part.text(text));
        (end, rest) = (part.span.end, after);
    }
    (label, rest)
}

/// The labels of the node whose `(` and name and labels these tokens end in; `None` if they do not.
pub(super) fn labels_before(text: &str, tokens: &[Token]) -> Option<Vec<String>> {
    let open = tokens.iter().rposition(|token| token.is(text, "("))?;
    let inside = tokens.get(open + 1..)?;
    let inside = match inside.split_first() {
        Some((name, rest)) if is_name(text, *name) => rest,
        _ => inside,
    };
    let plain = inside.iter().all(|token| {
        is_name(text, *token)
            || [":", "|", "&", "!", "-"]
                .into_iter()
                .any(|symbol| token.is(text, symbol))
    });
    (plain && (inside.is_empty() || inside.first()?.is(text, ":"))).then(|| labels_at(text, inside))
}

/// A name that can be a variable: no reserved word.
fn is_name(text: &str, token: Token) -> bool {
    match token.kind {
        TokenKind::Word => !words::is_reserved(token.text(text)),
        TokenKind::Quoted => true,
        TokenKind::String
        | TokenKind::Number
        | TokenKind::Parameter
        | TokenKind::Comment
        | TokenKind::Open
        | TokenKind::Close
        | TokenKind::Symbol => false,
    }
}

/// A name without its backticks.
pub(super) fn plain(text: &str, token: Token) -> String {
    let written = token.text(text);
    let inner = written
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    inner.map_or_else(|| written.to_owned(), |inner| inner.replace("``", "`"))
}
