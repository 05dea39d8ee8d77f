//! The prompt: editing, history, completion and colours.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

use portolan::{Catalog, Class, Viewer};
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::DefaultHistory;
use rustyline::line_buffer::LineBuffer;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Changeset, CompletionType, Config, Context, Editor, Helper, Hinter};

use crate::commands::{COMMANDS, Completes};
use crate::failure::Failure;
use crate::sample;
use crate::session::{Flow, Session};
use crate::statements::{Statements, begun, is_complete};
use crate::terminal;

const PROMPT: &str = "portolan> ";
const PROMPT_COLOURED: &str = "\x1b[1;36mportolan>\x1b[0m ";
const HISTORY_LENGTH: usize = 2_000;

/// Reads and runs statements until Ctrl-D or `.quit`.
pub(crate) fn converse(session: &mut Session, is_sample: bool) -> Result<(), Failure> {
    let mut editor = editor(session).map_err(failure)?;
    let history = history_file();
    if let Some(file) = &history {
        // The first time there is no history; later it may not be readable. Both are no matter.
        drop(editor.load_history(file));
    }
    session.say(greeting(session, is_sample)?)?;
    session.flush()?;
    loop {
        match editor.readline(&(PROMPT, PROMPT_COLOURED)) {
            Ok(text) => {
                editor.add_history_entry(text.trim_end()).map_err(failure)?;
                if let Some(file) = &history {
                    drop(editor.append_history(file));
                }
                if answer(session, &text)? == Flow::Quit {
                    return Ok(());
                }
            }
            // Ctrl-C clears the line.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(failure(error)),
        }
    }
}

/// Runs what was typed; a failure is told and the conversation goes on.
fn answer(session: &mut Session, text: &str) -> Result<Flow, Failure> {
    let mut statements = Statements::default();
    for line in text.lines() {
        for statement in statements.push(line) {
            match session.run(&statement) {
                Ok(Flow::Continue) => {}
                Ok(Flow::Quit) => return Ok(Flow::Quit),
                Err(failure) if failure.is_final() => return Err(failure),
                Err(failure) => {
                    terminal::complain(&failure);
                    return Ok(Flow::Continue);
                }
            }
        }
    }
    Ok(Flow::Continue)
}

fn greeting(session: &Session, is_sample: bool) -> Result<String, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let snapshot = session.snapshot();
    let mut entities = 0;
    let mut blueprints = 0;
    for compiled in snapshot.model().blueprints() {
        blueprints += 1;
        entities += snapshot.count(&compiled.blueprint.identifier)?;
    }
    let mut text = format!(
        "portolan {version}: {entities} entities of {blueprints} blueprints. `.help` helps, Ctrl-D leaves.\n"
    );
    if is_sample {
        text += "This is the sample catalog of an online shop, in memory. Worth asking:\n";
        for (question, query) in sample::QUESTIONS {
            text = format!("{text}\n{question}\n  {}\n", query.replace('\n', "\n  "));
        }
    } else if blueprints == 0 {
        text += "It is empty: `.import FOLDER` fills it.\n";
    }
    Ok(text)
}

fn failure(error: ReadlineError) -> Failure {
    Failure::input(std::io::Error::other(error))
}

/// `portolan/history` in the user's state directory, which is created where it is missing.
fn history_file() -> Option<PathBuf> {
    let state = match std::env::var_os("XDG_STATE_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".local/state"),
    };
    let folder = state.join("portolan");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

fn editor(session: &Session) -> rustyline::Result<Editor<Assistant, DefaultHistory>> {
    let config = Config::builder()
        .max_history_size(HISTORY_LENGTH)?
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::with_config(config)?;
    let catalog = session.catalog.clone();
    let viewer = session.viewer.clone();
    let coloured = terminal::colours(&std::io::stdout());
    editor.set_helper(Some(Assistant {
        catalog,
        viewer,
        coloured,
    }));
    Ok(editor)
}

/// What the editor asks while somebody types.
#[derive(Helper, Hinter)]
struct Assistant {
    catalog: Catalog,
    viewer: Viewer,
    coloured: bool,
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if is_complete(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.coloured || line.trim_start().starts_with('.') {
            return Cow::Borrowed(line);
        }
        let mut coloured = String::with_capacity(line.len() * 2);
        let mut at = 0;
        for (span, class) in portolan::highlight(line) {
            let between = line.get(at..span.start).unwrap_or_default();
            let piece = line.get(span.start..span.end).unwrap_or_default();
            coloured = match colour(class) {
                Some(code) => format!("{coloured}{between}\x1b[{code}m{piece}\x1b[0m"),
                None => coloured + between + piece,
            };
            at = span.end;
        }
        Cow::Owned(coloured + line.get(at..).unwrap_or_default())
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor
    }
}

/// The colour of each class, as an escape sequence has it; the rest is as it is.
const COLOURS: [(Class, &str); 7] = [
    (Class::Keyword, "1;34"),
    (Class::Label, "33"),
    (Class::Function, "36"),
    (Class::String, "32"),
    (Class::Number, "35"),
    (Class::Parameter, "1;35"),
    (Class::Comment, "2"),
];

fn colour(class: Class) -> Option<&'static str> {
    COLOURS
        .iter()
        .find(|(known, _)| *known == class)
        .map(|(_, code)| *code)
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = line.get(..cursor).unwrap_or(line);
        Ok(match typed.trim_start().strip_prefix('.') {
            Some(command) if !typed.contains('\n') => self.complete_command(typed, command),
            _ => self.complete_query(line, cursor),
        })
    }

    fn update(&self, line: &mut LineBuffer, start: usize, elected: &str, changes: &mut Changeset) {
        let end = line.pos();
        line.replace(start..end, elected, changes);
    }
}

impl Assistant {
    /// Completes the last statement of a text.
    fn complete_query(&self, line: &str, cursor: usize) -> (usize, Vec<Pair>) {
        let typed = line.get(..cursor).unwrap_or(line);
        let text = begun(typed);
        self.complete_at_end(text, typed.len() - text.len())
    }

    /// Completes a query at its end; `offset` is where it begins in the line.
    fn complete_at_end(&self, text: &str, offset: usize) -> (usize, Vec<Pair>) {
        let candidates = self.catalog.read(&self.viewer).complete(text, text.len());
        let start = candidates
            .first()
            .map_or(text.len(), |first| first.replace.start);
        let pairs = candidates.into_iter().map(|candidate| {
            let what = candidate.detail.as_deref().unwrap_or(candidate.kind);
            Pair {
                display: format!("{} ({what})", candidate.text),
                replacement: candidate.text.clone(),
            }
        });
        (offset + start, pairs.collect())
    }

    fn complete_command(&self, typed: &str, command: &str) -> (usize, Vec<Pair>) {
        let Some((name, rest)) = command.split_once(' ') else {
            let names = COMMANDS.iter().map(|command| command.name.to_owned());
            return beginning_with(command, typed, names);
        };
        let known = COMMANDS.iter().find(|known| known.name == name);
        let snapshot = self.catalog.read(&self.viewer);
        let model = snapshot.model();
        match known.map(|command| command.completes) {
            Some(Completes::Blueprint) => {
                let names = model
                    .blueprints()
                    .map(|c| c.blueprint.identifier.to_string());
                beginning_with(rest, typed, names)
            }
            Some(Completes::Scorecard) => {
                let names = model
                    .scorecards()
                    .map(|(_, card)| card.identifier.to_string());
                beginning_with(rest, typed, names)
            }
            Some(Completes::Relation) => {
                let declared = model.blueprints().flat_map(|c| &c.blueprint.relations);
                let names: BTreeSet<String> = declared.map(|r| r.name.to_string()).collect();
                beginning_with(rest, typed, names.into_iter())
            }
            Some(Completes::Words(words)) => {
                beginning_with(rest, typed, words.iter().map(|word| (*word).to_owned()))
            }
            Some(Completes::Query) => self.complete_at_end(rest, typed.len() - rest.len()),
            Some(Completes::Nothing) | None => (typed.len(), Vec::new()),
        }
    }
}

fn beginning_with(
    begun: &str,
    typed: &str,
    words: impl Iterator<Item = String>,
) -> (usize, Vec<Pair>) {
    let fitting = words.filter(|word| word.starts_with(begun));
    let pairs = fitting.map(|word| Pair {
        display: word.clone(),
        replacement: word,
    });
    (typed.len() - begun.len(), pairs.collect())
}
