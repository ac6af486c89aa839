//! The commands of a provider of many municipalities, as an operator types them, with the real binary: each says what it
//! did, ends with the right code, and can be repeated after an interruption.

use backend::db::{Db, migrate_to, testing};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A provider's machine: a folder, and perhaps a PostgreSQL server.
struct Provider {
    folder: tempfile::TempDir,
    /// Survives the machine.
    kept: PathBuf,
    register: String,
    schemas: Option<String>,
}

/// What a command said and how it ended.
struct Said {
    code: i32,
    text: String,
}

impl Said {
    /// It ended well and said this.
    fn well(&self, words: &str) {
        assert_eq!(self.code, 0, "{}", self.text);
        assert!(self.text.contains(words), "{words}: {}", self.text);
    }

    /// It refused and said this.
    fn badly(&self, words: &str) {
        assert_eq!(self.code, 1, "{}", self.text);
        assert!(self.text.contains(words), "{words}: {}", self.text);
    }
}

impl Provider {
    fn new(kept: &Path, schemas: Option<&str>) -> Provider {
        let folder = tempfile::tempdir().unwrap();
        let register = match schemas {
            Some(url) => url.to_owned(),
            None => format!("sqlite:{}", folder.path().join("register.db").display()),
        };
        Provider {
            folder,
            kept: kept.to_owned(),
            register,
            schemas: schemas.map(str::to_owned),
        }
    }

    fn run(&self, arguments: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stadtbrief"));
        command
            .args(arguments.split_whitespace())
            .env("STADTBRIEF_HOSTING", "many")
            .env("STADTBRIEF_DATA", self.folder.path())
            .env("STADTBRIEF_DATABASE", &self.register)
            .env("STADTBRIEF_MASTER_KEY_FILE", self.kept.join("master.key"))
            .env(
                "STADTBRIEF_FILES",
                format!("folder:{}", self.folder.path().join("files").display()),
            )
            .env(
                "STADTBRIEF_BACKUP",
                format!("folder:{}", self.backups().display()),
            )
            .env(
                "STADTBRIEF_MAIL",
                format!("folder:{}", self.folder.path().join("mail").display()),
            )
            .env("STADTBRIEF_LOG_LEVEL", "error");
        if let Some(url) = &self.schemas {
            command.env("STADTBRIEF_SCHEMAS", url);
        }
        let done = command.output().unwrap();
        Said {
            code: done.status.code().unwrap(),
            text: String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr),
        }
    }

    fn backups(&self) -> PathBuf {
        self.kept.join("backup")
    }

    /// Three municipalities with a resident each.
    fn settle(&self, place: &str) {
        for (name, person) in [("eins", "Uhu"), ("zwei", "Fink"), ("drei", "Star")] {
            self.run(&format!(
                "municipality create {name} --url https://{name}.example --store {place}"
            ))
            .well("is registered");
            let list = self.folder.path().join("liste.csv");
            std::fs::write(
                &list,
                format!("Nachname;Vorname;Straße;Hausnummer;PLZ;Ort\n{person};Erika;Ring;1;01945;Lindenau\n"),
            )
            .unwrap();
            self.run(&format!(
                "--municipality {name} residents import {}",
                list.display()
            ))
            .well("");
        }
    }

    /// As a command that was interrupted has left it.
    async fn set_state(&self, name: &str, state: &str) {
        let (table, of_register) = match self.register.starts_with("sqlite:") {
            true => ("municipalities", "length($1) = 0"),
            false => ("stadtbrief_hosting.municipalities", "length($1::bytea) = 0"),
        };
        let register = Db::open(&self.register).await.unwrap();
        let sql = format!("UPDATE {table} SET state = '{state}' WHERE name = '{name}' AND {of_register}");
        testing::execute_in(&register, &sql).await;
        register.close().await;
    }

    /// How `municipality list` says each is.
    fn states(&self) -> Vec<(String, String)> {
        let said = self.run("municipality list");
        said.well("");
        let words = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.next()?))
        };
        said.text.lines().filter_map(words).collect()
    }

    fn store(&self, name: &str) -> PathBuf {
        self.folder
            .path()
            .join("municipalities")
            .join(name)
            .join("stadtbrief.db")
    }
}

fn states(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(name, state)| ((*name).to_owned(), (*state).to_owned()))
        .collect()
}

/// The largest piece of a backup: what it is about is in it.
fn a_piece(part: &Path) -> PathBuf {
    let mut all: Vec<_> = std::fs::read_dir(part.join("pieces"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    all.sort_by_key(|p| p.metadata().unwrap().len());
    all.pop().unwrap()
}

async fn backup_and_restore(place: &str, schemas: [Option<String>; 2]) {
    let kept = tempfile::tempdir().unwrap();
    let here = Provider::new(kept.path(), schemas[0].as_deref());
    here.settle(place);
    here.run("municipality suspend drei").well("out of service");
    here.run("backup").well("eins");
    here.run("backups").well("zwei");
    here.run("backups --check").badly("--municipality");
    here.run("--municipality eins backups --check").well("is whole");

    // a rehearsal changes nothing, also while one of them is deleted and must stay so
    here.run("municipality delete zwei --confirm zwei")
        .well("is deleted");
    here.run("restore --verify").well("This was a rehearsal");
    here.run("restore").badly("the register is in use");
    here.run("--municipality eins restore").badly("not empty");
    let left = states(&[("drei", "suspended"), ("eins", "active")]);
    assert_eq!(here.states(), left);
    assert!(!here.folder.path().join("rehearsal.db").exists());
    here.run("doctor").badly("eins (active");

    // a restore that was typed by mistake and interrupted had not begun: the portal is as it was
    here.set_state("eins", "restoring").await;
    here.run("doctor").badly("a restore runs, or was interrupted");
    here.run("--municipality eins restore").well("its store is whole");
    assert_eq!(here.states(), left);

    // what was deleted comes back from a backup, if it was deleted by mistake
    here.run("--municipality zwei restore").well("Restored");
    here.run("--municipality zwei doctor --audit").well("ok");
    here.run("municipality delete zwei --confirm zwei")
        .well("is deleted");
    here.run("--municipality vier restore")
        .badly("there is no municipality `vier`");

    // a register that is new by mistake hides no backup
    let wrong = Provider::new(kept.path(), None);
    wrong
        .run("municipality create eins --url https://eins.example")
        .well("is registered");
    wrong
        .run("municipality delete eins --confirm eins")
        .well("is deleted");
    wrong.run("backup").badly("the register knows no municipality");

    // another machine, and a backup of which a piece cannot be read
    let there = Provider::new(kept.path(), schemas[1].as_deref());
    let piece = a_piece(&here.backups().join("municipalities/eins"));
    let whole = std::fs::read(&piece).unwrap();
    std::fs::write(&piece, &whole[..whole.len() - 1]).unwrap();
    there.run("restore").badly("1 municipalities are not restored");
    let half = states(&[("drei", "suspended"), ("eins", "restoring"), ("zwei", "active")]);
    assert_eq!(there.states(), half);
    for command in [
        "municipality resume eins",
        "municipality suspend eins",
        "municipality move eins --to file",
        "municipality move eins --to schema",
    ] {
        there.run(command).badly("eins");
    }
    there.run("doctor").badly("a restore runs, or was interrupted");
    assert_eq!(there.states(), half, "nothing led out but the restore");
    // begun anew, it goes on with what is missing
    std::fs::write(&piece, &whole).unwrap();
    there.run("restore").well("eins");
    let done = states(&[("drei", "suspended"), ("eins", "active"), ("zwei", "active")]);
    assert_eq!(there.states(), done);
    let export = there.run("--municipality eins doctor --audit");
    export.well("ok");

    // what was deleted ends in the backups, too
    here.run("backup --keep 1").well("deleted");
    assert!(!here.backups().join("municipalities/zwei").exists());
    assert!(here.backups().join("municipalities/eins/snapshots").exists());
    assert_eq!(
        std::fs::read_dir(here.backups().join("registers"))
            .unwrap()
            .count(),
        1
    );
}

#[tokio::test]
async fn backup_and_restore_on_files() {
    backup_and_restore("file", [None, None]).await;
}

#[tokio::test]
async fn backup_and_restore_on_schemas() {
    let (one, two) = (testing::empty_postgres().await, testing::empty_postgres().await);
    if one.is_some() {
        backup_and_restore("schema", [one, two]).await;
    }
}

/// Many stores are migrated; what fails does not stop the others, and begun again it goes on.
#[tokio::test]
async fn migrating_goes_on_where_it_stopped() {
    let kept = tempfile::tempdir().unwrap();
    let provider = Provider::new(kept.path(), None);
    provider.settle("file");
    provider
        .run("migrate --dry-run")
        .well("0 to migrate, 3 up to date, 0 failed");
    // of an older version, broken, lost
    std::fs::remove_file(provider.store("eins")).unwrap();
    let old = Db::open(&format!("sqlite:{}", provider.store("eins").display()))
        .await
        .unwrap();
    migrate_to(&old, 3).await.unwrap();
    old.close().await;
    let whole = std::fs::read(provider.store("zwei")).unwrap();
    std::fs::write(provider.store("zwei"), b"this is no store").unwrap();
    let lost = provider.folder.path().join("lost.db");
    std::fs::rename(provider.store("drei"), &lost).unwrap();
    for _ in 0..2 {
        let said = provider.run("migrate --dry-run");
        said.badly("1 to migrate, 0 up to date, 2 failed");
        assert!(
            said.text.contains("3 of ") && said.text.contains("is the folder mounted"),
            "{}",
            said.text
        );
        assert!(!provider.store("drei").exists(), "no new store in its place");
    }
    provider
        .run("migrate")
        .badly("1 migrated, 0 up to date, 2 failed");
    provider
        .run("backup")
        .badly("2 municipalities have no new backup");
    std::fs::write(provider.store("zwei"), whole).unwrap();
    std::fs::rename(lost, provider.store("drei")).unwrap();
    provider.run("migrate").well("0 migrated, 3 up to date, 0 failed");
}

/// A lost store, a lost key and a wrong folder are said; nothing new is made in their place.
#[tokio::test]
async fn what_is_missing_is_not_made_anew() {
    let kept = tempfile::tempdir().unwrap();
    let provider = Provider::new(kept.path(), None);
    for command in ["backup", "doctor", "scrub", "key list", "sessions end-all"] {
        provider.run(command).badly("is the folder mounted");
    }
    assert!(!kept.path().join("master.key").exists());
    assert_eq!(std::fs::read_dir(provider.folder.path()).unwrap().count(), 0);
    provider.settle("file");
    let key = kept.path().join("master.key");
    std::fs::rename(&key, kept.path().join("elsewhere.key")).unwrap();
    provider
        .run("municipality list")
        .badly("is missing, and there is a store already");
    assert!(!key.exists());
    std::fs::rename(kept.path().join("elsewhere.key"), &key).unwrap();
    provider.run("municipality list").well("eins");
    std::fs::remove_file(provider.store("eins")).unwrap();
    provider
        .run("--municipality eins doctor")
        .badly("is the folder mounted");
    // the backup's answer to a lost store
    provider
        .run("--municipality eins restore")
        .badly("no such backup");
}

/// A move that was interrupted, before and after the register named the new store, has ways out in both directions.
#[tokio::test]
async fn moves_have_ways_out() {
    let Some(url) = testing::empty_postgres().await else {
        return;
    };
    let kept = tempfile::tempdir().unwrap();
    let provider = Provider::new(kept.path(), Some(&url));
    provider.settle("file");
    provider
        .run("municipality move eins --to schema")
        .well("has moved");
    assert!(!provider.store("eins").exists());
    provider
        .run("municipality move eins --to schema")
        .badly("it is there already");
    let interrupted = async |name: &str, state: &str| {
        let sql =
            format!("UPDATE stadtbrief_hosting.municipalities SET state = '{state}' WHERE name = '{name}'");
        assert_eq!(testing::execute_at(&url, &sql).await, 1);
    };
    // the file was copied in part
    interrupted("eins", "moving").await;
    std::fs::create_dir_all(provider.store("eins").parent().unwrap()).unwrap();
    std::fs::write(provider.store("eins"), b"half a copy").unwrap();
    provider
        .run("municipality suspend eins")
        .badly("a move runs, or was interrupted");
    provider.run("municipality resume eins").well("in service");
    assert!(!provider.store("eins").exists());
    // the same, repeated; and one that is suspended stays so
    interrupted("eins", "moving-suspended").await;
    std::fs::write(provider.store("eins"), b"half a copy").unwrap();
    provider.run("municipality move eins --to file").well("has moved");
    // the new store counts, and the old one was not deleted yet
    interrupted("zwei", "moving").await;
    provider
        .run("municipality move zwei --to file")
        .badly("it is there already");
    let after = states(&[("drei", "active"), ("eins", "suspended"), ("zwei", "active")]);
    assert_eq!(provider.states(), after);
    provider.run("--municipality eins doctor --audit").well("ok");
}
