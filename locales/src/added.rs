//! Languages and sentences that an operator adds: a folder with one folder for each language, read once at the start.

use fluent_bundle::FluentResource;
use std::{collections::BTreeSet, path::Path, sync::OnceLock};

/// The files of one language in the operator's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// `fr`, `uk` …: the folder's name.
    pub code: String,
    /// Contents of its `.ftl` files, by name.
    pub texts: Vec<String>,
}

static ADDED: OnceLock<Vec<Folder>> = OnceLock::new();

pub(crate) fn sources() -> &'static [Folder] {
    ADDED.get_or_init(Vec::new)
}

/// What was found in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Language, sentences that it has, sentences that are missing (they appear in German).
    pub languages: Vec<(String, usize, usize)>,
    /// Files that cannot be used as they are, and why.
    pub problems: Vec<String>,
}

/// Reads the folder and adds its languages. To be called before the first sentence is shown; later calls only report.
/// A folder that is not there adds nothing.
pub fn add(folder: &Path) -> Report {
    let (folders, report) = read(folder);
    let _ = ADDED.set(folders);
    report
}

fn read(folder: &Path) -> (Vec<Folder>, Report) {
    let (mut folders, mut report) = (Vec::new(), Report::default());
    let Ok(entries) = std::fs::read_dir(folder) else {
        return (folders, report);
    };
    let mut entries: Vec<_> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.is_dir())
        .collect();
    entries.sort();
    let wanted: BTreeSet<String> = crate::keys("de").into_iter().collect();
    for path in entries {
        let code = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let plain =
            (2..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain || code.parse::<unic_langid::LanguageIdentifier>().is_err() {
            report.problems.push(format!(
                "{}: the folder's name is not the code of a language, such as `fr`",
                path.display()
            ));
            continue;
        }
        let texts = files(&path, &mut report);
        let have: BTreeSet<&str> = texts.iter().flat_map(|t| crate::keys_of(t)).collect();
        for key in have.iter().filter(|k| !wanted.contains(**k)) {
            report
                .problems
                .push(format!("{}: no sentence has the key `{key}`", path.display()));
        }
        let known = have.iter().filter(|k| wanted.contains(**k)).count();
        let missing = if crate::keys(&code).is_empty() {
            wanted.len() - known
        } else {
            0
        };
        report.languages.push((code.clone(), known, missing));
        folders.push(Folder { code, texts });
    }
    (folders, report)
}

fn files(folder: &Path, report: &mut Report) -> Vec<String> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "ftl"))
        .collect();
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        match std::fs::read_to_string(&path) {
            Err(error) => report.problems.push(format!("{}: {error}", path.display())),
            Ok(text) => {
                if let Err((_, errors)) = FluentResource::try_new(text.clone()) {
                    let first = errors.first().map(ToString::to_string).unwrap_or_default();
                    report.problems.push(format!("{}: {first}", path.display()));
                }
                // what is well-formed in it counts all the same
                texts.push(text);
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_and_its_mistakes_are_said() {
        let folder = std::env::temp_dir().join(format!("stadtbrief-languages-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        assert_eq!(
            read(&folder),
            (Vec::new(), Report::default()),
            "no folder, no languages"
        );
        for (name, text) in [
            ("fr/a.ftl", "sign-in = Se connecter\nno-such-sentence = ?\n"),
            ("fr/b.ftl", "sign-out = Se déconnecter\n= broken\n"),
            ("fr/readme.txt", "not a text"),
            ("not a language/a.ftl", "sign-in = x\n"),
        ] {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (folders, report) = read(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(folders.len(), 1);
        assert_eq!(folders[0].texts.len(), 2);
        let (code, known, missing) = &report.languages[0];
        assert_eq!((code.as_str(), *known), ("fr", 2));
        assert_eq!(*missing, crate::keys("de").len() - 2);
        assert_eq!(report.problems.len(), 3, "{:?}", report.problems);
    }
}
