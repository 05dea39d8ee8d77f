//! Help for what other languages write: SQL, other graph languages, programming languages.

use super::token::{Token, TokenKind};

const READ_ONLY: &str = "the language only reads: write entities through a write transaction";
const NO_DEFINITIONS: &str = "the language only asks: models are defined by manifests";
const ONE_STATEMENT: &str = "one statement at a time";
const COMMA: &str = "there is a comma too many";
const LATE: &str =
    "at the end stand, in this order: RETURN .. ORDER BY .. SKIP .. LIMIT .. (and so after WITH)";
const NO_PROCEDURES: &str = "there are no procedures; write the pattern or the function itself";

/// Words at which the parser stops, and what to write in their place.
const WORDS: [(&str, &str); 37] = [
    (
        "SELECT",
        "queries are written `MATCH (s:service) WHERE s.tier = 1 RETURN s.name`",
    ),
    (
        "FROM",
        "queries are written `MATCH (s:service) WHERE s.tier = 1 RETURN s.name`",
    ),
    (
        "JOIN",
        "entities are joined by a pattern: `MATCH (s:service)-[:owner]->(t:team)`",
    ),
    (
        "GROUP",
        "grouping is implicit: the items of RETURN or WITH without an aggregate are the keys",
    ),
    (
        "HAVING",
        "filter groups after WITH: `WITH s.tier AS tier, count(*) AS n WHERE n > 1`",
    ),
    (
        "WHERE",
        "WHERE follows MATCH or WITH, once: join conditions by AND",
    ),
    (
        "SORT",
        "rows are ordered by `ORDER BY` after RETURN or WITH",
    ),
    (
        "TOP",
        "the first rows are asked for by `LIMIT 10` at the end",
    ),
    ("ORDER", LATE),
    ("LIMIT", LATE),
    ("SKIP", LATE),
    ("OFFSET", LATE),
    (
        "DISTINCT",
        "DISTINCT stands once, right after RETURN or WITH, or first in an aggregate",
    ),
    ("UNION", "each part of a UNION ends with its own RETURN"),
    ("INSERT", READ_ONLY),
    ("UPDATE", READ_ONLY),
    ("SET", READ_ONLY),
    ("CREATE", READ_ONLY),
    ("DELETE", READ_ONLY),
    ("DETACH", READ_ONLY),
    ("REMOVE", READ_ONLY),
    ("MERGE", READ_ONLY),
    ("FOREACH", READ_ONLY),
    ("LOAD", READ_ONLY),
    ("DEFINE", NO_DEFINITIONS),
    ("DROP", NO_DEFINITIONS),
    ("ALTER", NO_DEFINITIONS),
    ("SHOW", "the model is read through the API, not by queries"),
    (
        "DESCRIBE",
        "the model is read through the API, not by queries",
    ),
    (
        "SUBSCRIBE",
        "subscribe to a query through the API: the text is the query alone",
    ),
    ("CALL", NO_PROCEDURES),
    ("YIELD", NO_PROCEDURES),
    ("USE", "a query asks the one catalog that it is given to"),
    ("NEXT", "feed one part of a query into the next by WITH"),
    (
        "TRUE",
        "a boolean is a condition by itself: write `x` or `NOT x`",
    ),
    (
        "FALSE",
        "a boolean is a condition by itself: write `x` or `NOT x`",
    ),
    ("IN", "write `x IN list` or `x NOT IN list`"),
];

/// Symbols at which the parser stops, and what to write in their place.
const SYMBOLS: [(&str, &str); 8] = [
    ("==", "equality is written `=`"),
    ("&&", "write AND"),
    ("&", "write AND between conditions; `&` joins labels"),
    ("!", "write NOT"),
    ("?", "write `CASE WHEN condition THEN a ELSE b END`"),
    ("#", "a comment starts with `//`"),
    (";", ONE_STATEMENT),
    ("|", "write OR between conditions; `||` joins texts"),
];

/// Help for the token that the parser stopped at, by what stands before it (comments left out).
pub(super) fn help(text: &str, before: &[Token], found: Token) -> Option<&'static str> {
    let mut back = before.iter().rev();
    let (previous, second) = (back.next().copied(), back.next().copied());
    let follows = |symbol: &str| previous.is_some_and(|token| token.is(text, symbol));
    if let Some(help) = misshapen(text, (second, previous), found) {
        return Some(help);
    }
    if found.is(text, ">") && follows("-") {
        return Some(if second.is_some_and(|token| token.is(text, "-")) {
            "a pattern as a condition starts with a node: `(a)-->(b)`, or `EXISTS { (a)-->(b) }`"
        } else {
            "a relation is read with a dot, `s.owner`, or by a pattern, `(s)-[:owner]->(t)`"
        });
    }
    if found.is(text, ">") && follows("=") {
        return Some("greater or equal is written `>=`");
    }
    if found.is(text, "=") && follows("<>") || found.is(text, "=") && follows("!=") {
        return Some("unequal is written `<>`");
    }
    if is_dashed_comment(text, before, found) {
        return Some("a comment starts with `//`");
    }
    if follows(";") {
        return Some(ONE_STATEMENT);
    }
    let name_wanted = previous.is_some_and(|token| token.is_word(text, "as"));
    match found.kind {
        TokenKind::Word if name_wanted => None,
        TokenKind::Word => by_table(&WORDS, |word| found.is_word(text, word)),
        TokenKind::Symbol => by_table(&SYMBOLS, |symbol| found.text(text) == symbol),
        TokenKind::Quoted
        | TokenKind::String
        | TokenKind::Number
        | TokenKind::Parameter
        | TokenKind::Comment
        | TokenKind::Open
        | TokenKind::Close => None,
    }
}

/// Help for a part of an arrow, a node, a list or a comparison that is written in another way.
fn misshapen(
    text: &str,
    (second, previous): (Option<Token>, Option<Token>),
    found: Token,
) -> Option<&'static str> {
    let is = |token: Option<Token>, symbol: &str| token.is_some_and(|t| t.text(text) == symbol);
    let word = |token: Option<Token>, word: &str| token.is_some_and(|t| t.is_word(text, word));
    let here = found.text(text);
    let arrow = "an arrow is written `-[:relation]->`, with one dash at each side of the brackets";
    let clause = ["return", "where", "match", "with", "order"];
    let help = match here {
        ">" if is(previous, "]") => arrow,
        "-" if is(previous, "-") && is(second, "]") => arrow,
        "(" if is(previous, "-") => "a relation stands in square brackets: `-[:relation]->`",
        ":" if is(previous, "[") => {
            "a pattern as a condition is written `EXISTS { (a)-[:relation]->(b) }`"
        }
        ":" => "a parameter is written `$name`",
        "%" if word(previous, "like") || word(previous, "ilike") => {
            "a pattern is a text: write `LIKE '%part%'`"
        }
        "]" | ")" | "}" if is(previous, ",") => COMMA,
        "=" | "<>" | "!=" if word(previous, "not") => "write `NOT a = b` or `a <> b`",
        "=" | "<" | ">" | "<=" | ">=" | "<>" if word(previous, "and") || word(previous, "or") => {
            "a comparison has two sides: `1 <= x AND x <= 2`, or `1 <= x <= 2`"
        }
        "," => "conditions are joined by AND or OR; a list stands in square brackets: `[1, 2]`",
        _ if found.kind != TokenKind::Word
            && (word(previous, "is") || (word(previous, "not") && word(second, "is"))) =>
        {
            "`IS` tests for NULL, EMPTY or a label; values are compared by `=` and `<>`"
        }
        _ if is(previous, "(")
            || is(previous, ",") && clause.iter().any(|c| found.is_word(text, c)) =>
        {
            return clause
                .iter()
                .any(|clause| found.is_word(text, clause) && is(previous, ","))
                .then_some(COMMA);
        }
        _ if is(second, "(") && found.kind == TokenKind::Word => {
            "a blueprint stands after a colon: `(s:service)`"
        }
        _ if is(second, ":") && found.kind == TokenKind::Number => {
            "the number of hops is written `[:relation*1..3]`, or `{1,3}` after the arrow"
        }
        _ => return None,
    };
    Some(help)
}

fn by_table(
    table: &[(&str, &'static str)],
    matches: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    table
        .iter()
        .find(|(written, _)| matches(written))
        .map(|(_, help)| *help)
}

/// Whether ` -- ` stands before the place on its line, not as part of a pattern.
fn is_dashed_comment(text: &str, before: &[Token], found: Token) -> bool {
    before.windows(2).rev().take(40).any(|pair| {
        let [first, second] = pair else { return false };
        let adjacent = first.span.end == second.span.start;
        let line = text.get(second.span.end..found.span.start).unwrap_or("\n");
        adjacent
            && first.is(text, "-")
            && second.is(text, "-")
            && text
                .get(second.span.end..)
                .is_some_and(|rest| rest.starts_with(' '))
            && !line.contains('\n')
    })
}
