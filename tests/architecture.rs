//! Keeps the source as ARCHITECTURE.md says it is: layers, file headers, sizes and words.

#[path = "architecture/provoked.rs"]
mod provoked;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use rules::check;

/// The text of every Rust file by its path below `src`, with `/` between the parts.
type Tree = BTreeMap<String, String>;

#[test]
fn the_source_keeps_its_layers_and_rules() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let architecture = fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    let tree = read_tree(&root.join("src"))?;
    assert!(tree.contains_key("lib.rs"), "src/lib.rs was not read");
    let failures = check(&architecture, &tree);
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    Ok(())
}

fn read_tree(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    let mut folders = vec![(root.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{prefix}{name}/")));
            } else if entry.path().extension() == Some("rs".as_ref()) {
                tree.insert(format!("{prefix}{name}"), fs::read_to_string(entry.path())?);
            }
        }
    }
    Ok(tree)
}
