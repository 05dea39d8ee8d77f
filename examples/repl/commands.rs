//! The commands of the shell: one table that running, help and completion read.

use portolan::{Duration, Instant};
use serde_json::Value as Json;

use crate::failure::Failure;
use crate::format::{Cells, Mode, counted};
use crate::operations;
use crate::schema;
use crate::session::{Flow, Session};
use crate::trial;

/// What a command is given after its name.
type Words<'a> = &'a [&'a str];

/// One command.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What it takes, as `.help` shows it.
    pub(crate) takes: &'static str,
    pub(crate) help: &'static str,
    pub(crate) completes: Completes,
    run: fn(&mut Session, Words<'_>, rest: &str) -> Result<Flow, Failure>,
}

/// What the first word after a command can be completed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completes {
    Nothing,
    Blueprint,
    Scorecard,
    Relation,
    Words(&'static [&'static str]),
    Query,
}

const SWITCH: Completes = Completes::Words(&["on", "off"]);
const MODES: Completes = Completes::Words(&Mode::NAMES);

/// Every command.
pub(crate) const COMMANDS: &[Command] = &[
    command("help", "", "list the commands", Completes::Nothing, help),
    command(
        "schema",
        "[BLUEPRINT]",
        "properties and relations of one blueprint or all",
        Completes::Blueprint,
        show_schema,
    ),
    command(
        "blueprints",
        "",
        "the blueprints and their sizes",
        Completes::Nothing,
        blueprints,
    ),
    command(
        "scorecards",
        "",
        "the scorecards",
        Completes::Nothing,
        scorecards,
    ),
    command(
        "scorecard",
        "NAME [IDENTIFIER]",
        "a scorecard's figures, or one entity's card",
        Completes::Scorecard,
        scorecard,
    ),
    command(
        "why",
        "SCORECARD RULE IDENTIFIER",
        "why an entity passes a rule or does not",
        Completes::Scorecard,
        why,
    ),
    command(
        "from",
        "BLUEPRINT IDENTIFIER PROPERTY",
        "where the value of a property comes from",
        Completes::Blueprint,
        from,
    ),
    command(
        "groups",
        "SCORECARD PATH",
        "a scorecard's figures by group",
        Completes::Scorecard,
        groups,
    ),
    command(
        "whatif",
        "SCORECARD LEVEL EXPRESSION",
        "what a further rule would change",
        Completes::Scorecard,
        whatif,
    ),
    command(
        "advance",
        "TIME",
        "let time pass: by a span such as 30d, or up to an instant",
        Completes::Nothing,
        advance,
    ),
    command(
        "due",
        "",
        "when the passing of time next changes something",
        Completes::Nothing,
        due,
    ),
    command(
        "derivation",
        "",
        "how everything derived is kept true",
        Completes::Nothing,
        derivation,
    ),
    command(
        "cycles",
        "RELATION",
        "the groups of entities that reach each other along a relation",
        Completes::Relation,
        cycles,
    ),
    command(
        "explain",
        "QUERY",
        "how a query would be run",
        Completes::Query,
        explain,
    ),
    command(
        "param",
        "[NAME VALUE]",
        "set a parameter, or list them",
        Completes::Nothing,
        param,
    ),
    command("mode", Mode::CHOICE, "how answers are printed", MODES, mode),
    command(
        "timer",
        "on|off",
        "whether times are printed",
        SWITCH,
        timer,
    ),
    command(
        "import",
        "FOLDER|FILE",
        "import a folder of blueprints, scorecards and entities, or an export",
        Completes::Nothing,
        import,
    ),
    command(
        "export",
        "FILE",
        "write the model and all entities as lines of JSON",
        Completes::Nothing,
        export,
    ),
    command(
        "backup",
        "FILE",
        "copy the catalog, its log included, into a new file",
        Completes::Nothing,
        backup,
    ),
    command(
        "check",
        "",
        "whether file and memory are whole; fails where they are not",
        Completes::Nothing,
        check,
    ),
    command(
        "stats",
        "",
        "counts, and the room that the catalog takes",
        Completes::Nothing,
        stats,
    ),
    command("quit", "", "leave", Completes::Nothing, quit),
];

const fn command(
    name: &'static str,
    takes: &'static str,
    help: &'static str,
    completes: Completes,
    run: fn(&mut Session, Words<'_>, &str) -> Result<Flow, Failure>,
) -> Command {
    Command {
        name,
        takes,
        help,
        completes,
        run,
    }
}

/// Runs a command line without its dot.
pub(crate) fn run(session: &mut Session, line: &str) -> Result<Flow, Failure> {
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        let known = COMMANDS.iter().map(|command| command.name);
        let help = nearest(name, known).map_or_else(
            || "`.help` lists the commands".to_owned(),
            |known| format!("did you mean `.{known}`?"),
        );
        return Err(Failure::usage(format!(
            "no command `.{name}`\nhelp: {help}"
        )));
    };
    let words: Vec<&str> = rest.split_whitespace().collect();
    (command.run)(session, &words, rest.trim())
}

/// The known name nearest to a mistyped one, where one is near.
fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let distance = |known: &str| {
        // What was begun rightly is near, however much is missing.
        let begun = !wrong.is_empty() && known.starts_with(&wrong);
        if begun {
            0
        } else {
            strsim::damerau_levenshtein(&wrong, known)
        }
    };
    let limit = (wrong.chars().count() / 2).clamp(1, 3);
    known
        .map(|known| (distance(known), known))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

fn usage(name: &str) -> Failure {
    let takes = COMMANDS
        .iter()
        .find(|command| command.name == name)
        .map_or("", |c| c.takes);
    Failure::usage(format!("write it as `.{name} {takes}`"))
}

fn help(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let left = |command: &Command| format!(".{} {}", command.name, command.takes);
    let width = COMMANDS
        .iter()
        .map(|command| left(command).chars().count())
        .max()
        .unwrap_or(0);
    for command in COMMANDS {
        session.say(format_args!("{:width$}  {}", left(command), command.help))?;
    }
    session.say("Anything else is a query and ends with a semicolon.")?;
    Ok(Flow::Continue)
}

fn show_schema(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let snapshot = session.snapshot();
    let text = match words {
        [] => schema::all(&snapshot)?,
        [blueprint] => match schema::one(&snapshot, blueprint)? {
            Some(text) => text,
            None => return Err(no_blueprint(&snapshot, blueprint)),
        },
        _ => return Err(usage("schema")),
    };
    session.say(text)?;
    Ok(Flow::Continue)
}

fn no_blueprint(snapshot: &portolan::Snapshot, name: &str) -> Failure {
    let model = snapshot.model();
    let known = model
        .blueprints()
        .map(|compiled| &*compiled.blueprint.identifier);
    let help = nearest(name, known).map_or_else(
        || "`.blueprints` lists them".to_owned(),
        |known| format!("did you mean `{known}`?"),
    );
    Failure::usage(format!("no blueprint `{name}`\nhelp: {help}"))
}

fn blueprints(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let snapshot = session.snapshot();
    let mut cells = Cells::new(["identifier", "title", "entities", "description"]);
    for compiled in snapshot.model().blueprints() {
        let blueprint = &compiled.blueprint;
        let count = snapshot.count(&blueprint.identifier)?;
        cells.push([
            Json::from(&*blueprint.identifier),
            Json::from(blueprint.title.clone()),
            Json::from(count),
            Json::from(blueprint.description.clone()),
        ]);
    }
    session.show(&cells, None)?;
    Ok(Flow::Continue)
}

fn scorecards(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let snapshot = session.snapshot();
    let mut cells = Cells::new(["identifier", "title", "blueprint", "levels", "rules"]);
    for (_, scorecard) in snapshot.model().scorecards() {
        let levels: Vec<&str> = scorecard.levels.iter().map(|level| &*level.title).collect();
        let rules: Vec<&str> = scorecard
            .rules
            .iter()
            .map(|rule| &*rule.identifier)
            .collect();
        cells.push([
            Json::from(&*scorecard.identifier),
            Json::from(scorecard.title.clone()),
            Json::from(&*scorecard.blueprint),
            Json::from(levels),
            Json::from(rules),
        ]);
    }
    session.show(&cells, None)?;
    Ok(Flow::Continue)
}

fn scorecard(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let snapshot = session.snapshot();
    match words {
        [name] => session.say(snapshot.scorecard_summary(name)?)?,
        [name, identifier] => session.say(snapshot.scorecard(name, identifier)?)?,
        _ => return Err(usage("scorecard")),
    }
    Ok(Flow::Continue)
}

fn why(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let [scorecard, rule, identifier] = words else {
        return Err(usage("why"));
    };
    let why = session.snapshot().why(scorecard, rule, identifier)?;
    session.say(why)?;
    Ok(Flow::Continue)
}

fn from(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let [blueprint, identifier, property] = words else {
        return Err(usage("from"));
    };
    let snapshot = session.snapshot();
    session.say(snapshot.why_property(blueprint, identifier, property)?)?;
    Ok(Flow::Continue)
}

fn groups(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let [scorecard, path] = words else {
        return Err(usage("groups"));
    };
    for group in session.snapshot().scorecard_groups(scorecard, path)? {
        session.say(group)?;
    }
    Ok(Flow::Continue)
}

fn whatif(session: &mut Session, words: Words<'_>, rest: &str) -> Result<Flow, Failure> {
    let [scorecard, level, _, ..] = words else {
        return Err(usage("whatif"));
    };
    let after = |rest: &str, word: &str| rest.strip_prefix(word).unwrap_or(rest).trim().to_owned();
    let expression = after(&after(rest, scorecard), level);
    let answer = trial::rule(session, scorecard, level, &expression)?;
    session.say(answer)?;
    Ok(Flow::Continue)
}

fn advance(session: &mut Session, _: Words<'_>, rest: &str) -> Result<Flow, Failure> {
    let until = match (Duration::parse(rest), Instant::parse(rest)) {
        (Some(span), _) => trial::now(session)?.checked_add(span),
        (None, until) => until,
    };
    let until = until.ok_or_else(|| usage("advance"))?;
    let commit = session.catalog.advance(&session.viewer, until)?;
    if commit.is_empty() {
        session.say(format_args!("nothing is due up to {until}"))?;
    } else {
        session.say(&commit)?;
        session.say(trial::flips(&commit))?;
    }
    Ok(Flow::Continue)
}

fn due(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    match session.snapshot().next_due() {
        Some(due) => session.say(due)?,
        None => session.say("nothing depends on the time")?,
    }
    Ok(Flow::Continue)
}

fn derivation(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let text = session.snapshot().explain_derivation();
    session.say(text)?;
    Ok(Flow::Continue)
}

fn cycles(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let [relation] = words else {
        return Err(usage("cycles"));
    };
    let groups = session.snapshot().cycles(relation)?;
    session.say(counted(groups.len(), "cycle"))?;
    for group in groups {
        let names: Vec<String> = group.iter().map(ToString::to_string).collect();
        session.say(format_args!("  {}", names.join(", ")))?;
    }
    Ok(Flow::Continue)
}

fn explain(session: &mut Session, _: Words<'_>, rest: &str) -> Result<Flow, Failure> {
    if rest.is_empty() {
        return Err(usage("explain"));
    }
    let plan = session
        .snapshot()
        .explain(rest, session.parameters.bound(rest))?;
    session.say(plan)?;
    Ok(Flow::Continue)
}

fn param(session: &mut Session, words: Words<'_>, rest: &str) -> Result<Flow, Failure> {
    match words {
        [] => {
            let mut cells = Cells::new(["name", "value"]);
            for (name, value) in session.parameters.iter() {
                cells.push([Json::from(name), value.clone()]);
            }
            session.show(&cells, None)?;
        }
        [_] => return Err(usage("param")),
        [name, ..] => {
            let value = rest.strip_prefix(name).unwrap_or_default().trim();
            session.parameters.set(name, value);
        }
    }
    Ok(Flow::Continue)
}

fn mode(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let [name] = words else {
        return Err(usage("mode"));
    };
    session.mode = Mode::named(name).ok_or_else(|| usage("mode"))?;
    Ok(Flow::Continue)
}

fn timer(session: &mut Session, words: Words<'_>, _: &str) -> Result<Flow, Failure> {
    session.timer = match words {
        ["on"] => true,
        ["off"] => false,
        _ => return Err(usage("timer")),
    };
    Ok(Flow::Continue)
}

/// The path that is all of what a command takes, quoted or not.
fn path<'a>(name: &str, rest: &'a str) -> Result<&'a str, Failure> {
    let path = rest.trim_matches(['"', '\'']);
    if path.is_empty() {
        return Err(usage(name));
    }
    Ok(path)
}

fn import(session: &mut Session, _: Words<'_>, rest: &str) -> Result<Flow, Failure> {
    let report = operations::import(session, path("import", rest)?)?;
    session.say(report)?;
    Ok(Flow::Continue)
}

fn export(session: &mut Session, _: Words<'_>, rest: &str) -> Result<Flow, Failure> {
    let report = operations::export(session, path("export", rest)?)?;
    session.say(report)?;
    Ok(Flow::Continue)
}

fn backup(session: &mut Session, _: Words<'_>, rest: &str) -> Result<Flow, Failure> {
    let path = path("backup", rest)?;
    let seq = session.catalog.backup(path)?;
    session.say(format_args!(
        "`{path}` holds the catalog as of commit {seq}"
    ))?;
    Ok(Flow::Continue)
}

fn check(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let report = session.catalog.check()?;
    if report.is_ok() {
        session.say(report)?;
        return Ok(Flow::Continue);
    }
    Err(Failure::usage(report.to_string()))
}

fn stats(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    let stats = session.snapshot().stats();
    session.say(stats)?;
    session.say(session.catalog.stats()?)?;
    Ok(Flow::Continue)
}

fn quit(session: &mut Session, _: Words<'_>, _: &str) -> Result<Flow, Failure> {
    session.flush()?;
    Ok(Flow::Quit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_commands_find_the_nearest() {
        let names = || COMMANDS.iter().map(|command| command.name);
        for (wrong, right) in [
            ("hlep", "help"),
            ("HELP", "help"),
            ("score", "scorecard"),
            ("blueprint", "blueprints"),
            ("exit", "quit"),
            ("xyzzy", ""),
        ] {
            assert_eq!(nearest(wrong, names()).unwrap_or(""), right, "{wrong}");
        }
    }
}
